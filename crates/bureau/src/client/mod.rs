//! The two HTTP clients. They carry; what an answer means is for [`crate::reading`].

mod carrier;
mod etax;
mod leqi;
mod leqi_order;

pub use carrier::limits;
pub use etax::{EtaxClient, EtaxSettings};
pub use leqi::{LeqiClient, LeqiSettings};

use domain::kind::{Class, Kind};
use std::time::Duration;

/// The client cannot be built from these settings.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The operator must correct the address.
    #[error("\"{address}\" is not the address of a bureau channel (such as http://host:port)")]
    Address { address: String },
    /// The operator must correct the token.
    #[error("the robot token holds characters that cannot stand in an HTTP header")]
    Token,
    /// TLS could not be set up: no crypto provider was installed, or no root certificates found.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// What both clients need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Requests under way at once, over all lanes of the client.
    pub concurrency: usize,
    /// A connection that takes longer was never made.
    pub connect: Duration,
    /// A call that takes longer is given up.
    pub call: Duration,
    /// The same for downloads.
    pub download: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            concurrency: 256,
            connect: Duration::from_secs(5),
            call: Duration::from_secs(60),
            download: Duration::from_secs(120),
        }
    }
}

impl Limits {
    /// How long a call may take: the channel's limit, never longer than the caller's.
    fn for_call(&self, kind: Option<Kind>, callers: Duration) -> Duration {
        let own = match kind.map(Kind::class) {
            Some(Class::DataDownload | Class::LayoutDownload) => self.download,
            _ => self.call,
        };
        own.min(callers)
    }
}
