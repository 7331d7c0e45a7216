//! The suites of the small ports: the bus, the statistic cache, and the file store.

/// Makes a test of every sentence about the bus; as [`contract_suite!`](crate::contract_suite).
#[macro_export]
macro_rules! bus_suite {
    ($bench:path $(, #[$attribute:meta])*) => {
        $crate::small_suite! { $bench, [$(#[$attribute])*], bus,
            tasks_arrive_in_the_order_of_their_lane
            what_has_no_lane_comes_by_the_intake
            only_the_lanes_asked_for_are_consumed
            a_lane_is_handed_over_after_what_came_was_logged
            nothing_delivered_is_drained_at_once
            what_a_dead_worker_had_not_logged_is_delivered_again
            what_was_received_and_not_acknowledged_is_received_again
            every_parcel_has_its_own_result
            a_hint_reaches_everybody
            a_hint_for_the_others_is_not_heard_by_its_own_end
        }
    };
}

/// Makes a test of every sentence about the statistic cache; as [`contract_suite!`](crate::contract_suite).
#[macro_export]
macro_rules! statistic_suite {
    ($bench:path $(, #[$attribute:meta])*) => {
        $crate::small_suite! { $bench, [$(#[$attribute])*], statistics,
            a_reading_is_kept_as_it_was_put
            every_tax_number_and_period_has_its_own
            a_reading_is_kept_half_an_hour_from_asking
            an_older_reading_never_replaces_a_newer_one
        }
    };
}

/// Makes a test of every sentence about the file store; as [`contract_suite!`](crate::contract_suite).
#[macro_export]
macro_rules! file_suite {
    ($bench:path $(, #[$attribute:meta])*) => {
        $crate::small_suite! { $bench, [$(#[$attribute])*], files,
            what_is_kept_is_read_byte_for_byte
            the_same_again_does_nothing
            what_is_too_large_is_not_kept
            many_keep_the_same_at_once
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! small_suite {
    ($bench:path, $attributes:tt, $subject:ident, $($name:ident)*) => {
        $($crate::small_test! { $bench, $attributes, $subject, $name })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! small_test {
    ($bench:path, [$(#[$attribute:meta])*], $subject:ident, $name:ident) => {
        #[::tokio::test]
        $(#[$attribute])*
        async fn $name() {
            $crate::contract::$subject::$name(&$bench().await).await;
        }
    };
}
