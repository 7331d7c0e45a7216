//! What every bus must do, on RabbitMQ.

use crate::{or_hang, start};
use async_trait::async_trait;
use bus::Bus;
use fleet::contract::bus::{BusBench, End};
use rig::{RabbitMq, Vhost};
use std::sync::{Arc, Mutex, PoisonError};

/// A vhost of a test's own, and every bus on it.
struct RabbitBench {
    buses: Mutex<Vec<Arc<Bus>>>,
    vhost: Vhost,
}

#[async_trait]
impl BusBench for RabbitBench {
    async fn end(&self) -> Arc<dyn End> {
        let bus = Arc::new(start(self.vhost.url()).await);
        self.buses.lock().unwrap_or_else(PoisonError::into_inner).push(bus.clone());
        bus
    }

    /// The broker sees a connection that ends; what was acknowledged before has reached it.
    async fn lose(&self, end: Arc<dyn End>) {
        let is_it = |bus: &mut Arc<Bus>| std::ptr::addr_eq(Arc::as_ptr(bus), Arc::as_ptr(&end));
        let bus = {
            let mut buses = self.buses.lock().unwrap_or_else(PoisonError::into_inner);
            buses.extract_if(.., is_it).next().expect("an end of this bench")
        };
        or_hang("close returns", bus.close()).await;
    }
}

async fn rabbitmq() -> RabbitBench {
    let vhost = RabbitMq::shared().await.expect("a server").vhost().await.expect("a vhost");
    RabbitBench { buses: Mutex::default(), vhost }
}

fleet::bus_suite!(rabbitmq);
