//! `gouxuan simulate`: the bureau, both channels.

use super::{Outcome, print, store::read_world};
use crate::wiring;
use simulator::Options;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
};

/// Where it listens when nothing is said: not where gouxuan itself does.
pub(super) const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8090);

pub(super) async fn run(at: SocketAddr, world: &Path, seed: Option<u64>) -> Outcome {
    let world = read_world(world)?;
    let listener = wiring::listen(at).await?;
    let mut bureau = simulator::serve(listener, world, Options { seed, ..Options::default() })?;
    print(&format!("simulating both channels on {}", bureau.url()))?;
    tokio::select! {
        () = bureau.stopped() => {}
        () = super::serve::asked_to_stop() => {}
    }
    Ok(())
}
