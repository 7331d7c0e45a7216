//! What every part of a worker shares.

use crate::{
    draining::Draining,
    grip::Grips,
    half_read::HalfRead,
    ports::{
        Store,
        bus::{Bell, Inbox, Post},
        channel::Channel,
        clock::{Chance, Clock},
        files::FileStore,
        secrets::Vault,
        statistics::StatisticCache,
        table_files::TableFiles,
    },
    settings::Settings,
};
use domain::{ids::WorkerId, taxpayer::ChannelKind};
use std::sync::Arc;

/// The ports that a worker works with.
#[derive(Debug, Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub statistics: Arc<dyn StatisticCache>,
    pub inbox: Arc<dyn Inbox>,
    pub post: Arc<dyn Post>,
    pub bell: Arc<dyn Bell>,
    pub etax: Arc<dyn Channel>,
    pub leqi: Arc<dyn Channel>,
    pub files: Arc<dyn FileStore>,
    pub table_files: Arc<dyn TableFiles>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    /// None: no key is set, and no stored secret can be used.
    pub vault: Option<Arc<dyn Vault>>,
}

impl Ports {
    pub(crate) fn channel(&self, kind: ChannelKind) -> &dyn Channel {
        match kind {
            ChannelKind::Etax => &*self.etax,
            ChannelKind::Leqi => &*self.leqi,
        }
    }
}

/// One worker's own: its number, its grips, and whether it is ending.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) ports: Ports,
    pub(crate) settings: Arc<Settings>,
    pub(crate) worker: WorkerId,
    pub(crate) grips: Grips,
    pub(crate) half_read: HalfRead,
    pub(crate) draining: Draining,
    pub(crate) meter: Arc<crate::meter::Meter>,
}
