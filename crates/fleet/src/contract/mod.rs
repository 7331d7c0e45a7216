//! What every implementation of a port must do, as suites that each of them runs.
//!
//! A store brings a [`Bench`] and calls [`contract_suite!`](crate::contract_suite) with an async
//! function that makes one: an empty store, its clock, and a way to let time pass.
//! ```ignore
//! async fn bench() -> MyBench { … }
//! fleet::contract_suite!(bench);
//! fleet::contract_suite!(bench, #[ignore = "needs a server"]);
//! ```
//! The bus runs [`bus_suite!`](crate::bus_suite), the statistic cache
//! [`statistic_suite!`](crate::statistic_suite), in the same way.
//! Each test is one sentence about a port; the suites list them all.

pub mod append;
pub mod archive;
pub mod asking;
pub mod audit;
pub mod automatic;
pub mod batches;
mod bench;
pub mod bus;
pub mod cancel;
pub mod checks;
pub mod claim;
pub mod crew;
pub mod evidence;
pub mod expire;
pub mod files;
pub mod forget;
pub mod holds;
pub mod invoice_files;
pub mod keys;
pub mod ledger;
pub mod lists;
pub mod marks;
pub mod matrix;
pub mod news;
mod of_records;
mod of_tasks;
pub mod order;
pub mod outbox;
pub mod park;
pub mod pauses;
pub mod people;
pub mod pool;
pub mod registry;
pub mod rescue;
pub mod retry;
pub mod roster;
pub mod runs;
pub mod scene;
pub mod secrets;
pub mod sentences;
pub mod serving;
pub mod settle;
mod small;
pub mod statistics;
pub mod switches;
pub mod tables;
pub mod told;
pub mod verdicts;
pub mod versions;
pub mod writeback;

#[cfg(test)]
mod on_memory;

pub use bench::Bench;
pub use scene::Scene;

/// Makes a test of every sentence about the store: of those in `of_tasks` and in `of_records`. `$bench`
/// is an async function without arguments that returns a [`Bench`]; attributes after it stand on
/// every test.
#[macro_export]
macro_rules! contract_suite {
    ($bench:path $(, #[$attribute:meta])*) => {
        $crate::task_sentences! { $bench, [$(#[$attribute])*] }
        $crate::record_sentences! { $bench, [$(#[$attribute])*] }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($bench:path, $attributes:tt, $($subject:ident { $($name:ident)* })*) => {
        $($($crate::contract_test! { $bench, $attributes, $subject, $name })*)*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! contract_test {
    ($bench:path, [$(#[$attribute:meta])*], $subject:ident, $name:ident) => {
        #[::tokio::test]
        $(#[$attribute])*
        async fn $name() {
            let scene = $crate::contract::Scene::set(::std::boxed::Box::new($bench().await)).await;
            $crate::contract::$subject::$name(&scene).await;
            scene.end().await;
        }
    };
}
