//! The sentences about a task, from its append to its end, and about who works at it.

#[doc(hidden)]
#[macro_export]
macro_rules! task_sentences {
    ($bench:path, $attributes:tt) => {
        $crate::contract_tests! { $bench, $attributes,
            append {
                tasks_are_logged_in_the_order_of_the_batch
                the_same_task_again_is_a_duplicate_and_rings_its_lane
                a_duplicate_of_what_does_not_wait_rings_nobody
                the_same_task_twice_in_one_batch_is_logged_once
                the_same_task_in_two_appends_at_once_is_logged_once
                an_id_with_another_body_is_a_mistake
                a_task_with_a_date_is_held_until_it_comes
                a_date_that_has_passed_is_none
                a_refused_task_is_a_row_with_its_sentence
                a_refused_task_of_an_unknown_tax_number_is_a_row
                a_mark_in_the_pool_is_settled_at_once
                what_ends_as_it_is_logged_names_its_events
                a_task_without_an_account_is_held_until_one_is_imported
                a_held_task_with_a_date_waits_for_both
                a_body_is_kept_as_it_came
            }
            sentences {
                every_rule_refuses_with_its_sentence_and_so_does_a_retry
            }
            holds {
                a_selection_holds_its_invoices_until_it_is_settled
                a_conflict_refuses_the_whole_second_task
                a_conflict_inside_one_batch_refuses_the_later_task
                of_two_appends_at_once_one_holds_the_invoice
                of_two_batches_at_once_each_invoice_is_in_one_unfinished_task
                what_is_called_off_or_fails_frees_its_invoices
                a_task_that_waits_for_an_account_holds_too
                kinds_that_select_nothing_hold_nothing
                a_mark_in_the_pool_is_refused_while_the_invoice_is_held
                a_holder_sees_its_own_invoices_as_they_are
            }
            retry {
                a_failed_task_is_retried_once_for_ever
                a_failed_retry_is_retried_itself
                a_refused_task_is_retried_like_a_failed_one
                two_retries_in_one_batch_are_one
                two_retries_at_once_are_one
                what_is_not_known_is_not_retried
                what_did_not_fail_is_not_retried
                an_unknown_outcome_is_not_retried
                what_a_person_found_absent_has_failed_and_is_retried
                only_an_unknown_outcome_is_recorded_as_absent
            }
            order {
                the_head_is_the_highest_class_then_the_earliest_place
                heads_are_one_for_each_tax_number_of_the_lanes_asked_for
                queues_tell_of_what_was_asked_for_in_that_order
                what_is_handed_back_keeps_its_place
                what_was_put_off_keeps_its_place
                what_a_dead_worker_held_keeps_its_place
                ripening_takes_the_longest_due_first_and_no_more_than_asked
            }
            claim {
                what_starts_carries_all_that_an_attempt_needs
                on_leqi_there_is_no_session
                a_batch_counts_as_submitted_when_its_first_task_was
                the_first_start_is_the_one_that_is_remembered
                fences_rise_with_every_turn
                what_does_not_wait_is_gone
                a_date_goes_before_a_pause
                a_due_date_hinders_nothing_before_it_is_ripened
                a_paused_tax_number_goes_before_a_paused_lane
                a_pause_goes_before_a_missing_login
                a_missing_login_goes_before_a_throttle
                a_throttled_lane_goes_before_a_missing_owner
                only_the_owner_of_a_lane_starts_tasks_there
                a_missing_owner_goes_before_a_throttled_tax_number
                a_throttle_ends_by_itself
                a_throttled_tax_number_goes_before_a_busy_one
                a_busy_tax_number_tells_its_holder_before_anything_of_the_lane
                a_higher_class_goes_before_an_earlier_place_and_a_busy_lane
                a_turn_touches_what_it_tells_of
                a_turn_settles_before_it_claims
            }
            keys {
                a_tax_number_runs_once_across_its_lanes
                of_two_picks_of_one_tax_number_one_starts
                of_two_picks_of_one_tax_number_the_higher_class_starts
                of_two_picks_in_one_lane_the_earlier_place_starts
                two_workers_never_hold_one_tax_number
                a_higher_class_in_another_open_lane_goes_first
                a_lower_or_equal_class_elsewhere_hinders_nobody
                a_higher_class_behind_a_paused_lane_hinders_nobody
                a_higher_class_in_a_lane_without_owner_hinders_nobody
                a_higher_class_in_another_workers_lane_goes_first
                nothing_starts_after_a_higher_class_of_its_number_was_logged
                a_higher_class_that_would_need_a_forbidden_switch_hinders_nobody
                a_wide_lane_runs_as_many_tax_numbers_as_it_has_slots
                the_two_keys_are_given_back_apart
                a_lease_holds_while_it_is_renewed
                a_key_that_has_passed_on_is_not_renewed
            }
            settle {
                a_success_writes_ledger_pool_and_event_and_frees_both_keys
                a_failure_says_why
                an_outcome_that_changes_the_statistic_table_outdates_older_readings
                what_is_put_off_with_nothing_sent_holds_nothing
                what_is_put_off_with_something_sent_keeps_its_tax_number
                what_is_handed_back_is_queued_and_free
                what_is_let_go_keeps_the_lane_only_when_asked_to
                letting_go_unclear_says_so
                what_is_let_go_before_it_was_accepted_is_asked_about
                a_stale_settlement_writes_nothing
                a_rescued_holder_is_stale_though_nobody_asks_yet
                a_repeated_settlement_was_written_before
                a_repeated_settlement_of_what_was_sent_was_written_before
                a_settlement_twice_in_one_turn_is_written_once
                a_throttle_closes_its_gate_with_the_settlement
            }
            evidence {
                a_receipt_makes_the_task_awaiting
                a_later_holder_finds_the_receipt
                an_intent_is_durable_and_written_once
                a_stale_holder_may_not_send
                a_lost_answer_is_unclear
                what_was_unclear_is_found_at_work
                absent_makes_it_an_attempt_like_any_other
                an_intent_that_the_bureau_refused_is_void
                an_answered_step_is_not_made_again
                with_an_act_over_the_tax_number_stays_held
                a_later_act_proved_absent_leaves_the_earlier_ones_done
                a_stale_holders_receipt_is_kept_but_changes_no_state
                a_stale_receipt_is_found_by_whoever_starts_next
                a_stale_absent_proves_nothing
                a_receipt_from_before_a_proof_of_absence_counts_no_more
                what_was_sent_is_told_in_the_order_of_the_holders
                nobody_is_current_while_nobody_asks
                evidence_about_a_task_that_has_ended_is_kept
                evidence_of_a_turn_comes_before_its_settlement
                on_leqi_people_see_a_task_untouched_until_it_was_accepted
            }
            asking {
                what_is_due_is_taken_up_once_under_a_new_fence
                the_fences_of_what_is_taken_up_together_differ
                only_the_lanes_owner_takes_up
                what_gave_its_lane_back_waits_until_the_lane_is_free
                what_cannot_be_taken_up_yet_keeps_nothing_else_waiting
                what_a_person_wants_to_know_is_asked_about_now
                one_lane_is_taken_by_one_of_two
                on_leqi_asking_takes_no_slot
                no_more_is_taken_up_than_asked
                what_was_unclear_or_put_off_is_taken_up_as_what_it_was
                nothing_is_asked_while_a_person_must_log_in
                a_pause_stops_new_tasks_but_no_asking
            }
            rescue {
                a_living_holder_is_left_alone
                what_only_reads_goes_back_to_its_place
                what_can_be_read_back_is_unclear_from_its_claim_on
                on_leqi_the_lane_is_free_at_once
                what_cannot_be_read_back_goes_back_while_nothing_was_intended
                after_an_act_that_is_over_the_next_counts_as_perhaps_sent
                what_was_accepted_is_awaiting_with_nobody_asking
                an_asker_that_dies_is_followed_by_another
                what_kills_its_workers_fails
                what_only_reads_fails_even_if_the_bureau_has_taken_it
                what_may_have_acted_is_asked_about_later_and_later
                only_its_deadline_ends_what_may_have_acted
                the_lane_waits_for_it_no_longer_than_a_call_may_last
            }
            expire {
                what_was_asked_about_too_long_is_unknown
                nothing_ends_while_somebody_asks
                what_waits_in_a_queue_has_no_such_deadline
                what_is_parked_ends_at_its_own_deadline
                what_is_parked_with_something_sent_ends_unknown
                no_more_ends_at_once_than_asked
            }
            park {
                a_lost_session_parks_the_task_and_closes_the_lane
                a_login_brings_everything_back_at_its_place
                a_login_that_came_before_the_park_counts
                a_second_login_changes_nothing_but_the_epoch
                a_login_brings_nothing_of_other_accounts_back
                an_account_that_logs_in_by_itself_parks_nothing
                even_such_an_account_may_need_a_person
                what_was_sent_keeps_its_tax_number_until_the_login
                what_was_sent_is_asked_about_at_once_when_a_login_came_before
                a_late_logged_out_report_does_nothing
                reports_count_by_their_own_time
                a_login_told_late_still_brings_a_task_back
                going_off_line_closes_a_lane_that_needs_a_person
                a_report_about_nobody_does_nothing
                a_repeated_park_was_written_before
            }
            switches {
                a_switch_is_noted_and_remembered
                a_spent_budget_closes_the_lane_for_other_tax_numbers
                a_switch_beyond_the_budget_is_not_noted
                only_the_holder_of_the_lane_switches
                switches_ride_with_what_ends_and_starts
                a_rescued_holder_switches_no_more
                a_switch_that_failed_is_forgotten_but_counted
                a_new_session_is_on_no_tax_number
            }
            pauses {
                a_bureau_is_paused_with_all_its_lanes_and_no_others
                resuming_a_lane_does_not_resume_its_bureau
                resuming_a_bureau_does_not_resume_its_lanes
                a_paused_tax_number_is_paused_in_all_its_lanes
                a_pause_says_who_and_why
                a_pause_lets_what_runs_end
                what_does_not_exist_is_not_paused
                the_lanes_of_a_tax_number_are_known
            }
            cancel {
                what_waits_is_called_off
                what_was_put_off_or_parked_with_nothing_sent_is_called_off
                it_is_too_late_once_something_may_have_been_sent
                a_batch_is_called_off_one_by_one
                a_failed_task_without_a_retry_may_be_tried_again
            }
            outbox {
                an_event_stands_there_until_it_was_confirmed
                what_was_left_is_found_by_its_age_oldest_first
                an_event_says_what_became_of_the_task
                the_events_of_a_task_are_numbered_in_order
                the_end_of_a_batch_is_told_with_its_last_task
            }
            forget {
                what_ended_long_ago_is_dropped_and_nothing_else
                no_more_is_dropped_at_once_than_asked
                what_was_dropped_is_not_retried
            }
            crew {
                a_worker_is_alive_while_its_heart_beats
                a_number_is_never_given_again
                a_lane_has_one_living_owner
                sharing_tells_what_is_owned_afterwards
                the_lanes_of_the_dead_are_taken_over
                who_leaves_releases_every_lane
                what_a_leaver_still_holds_is_rescued_when_its_lease_is_over
                what_waits_in_a_lane_is_counted_up_to_a_limit
                a_full_lane_is_noted_by_its_owner_alone
            }
            news {
                a_new_task_is_news_in_its_own_lane
                a_higher_class_behind_a_waiting_task_is_the_head_that_is_told
                changed_gates_are_news_to_their_owner
                whatever_closes_or_opens_a_lane_is_news
                a_switch_that_counts_against_no_budget_is_no_news
                owners_are_told_to_everybody
                what_is_due_to_be_asked_about_is_news_to_its_owner
                what_queues_again_at_an_old_place_is_news
                looking_again_costs_nothing_that_was_seen
            }
            marks {
                what_was_decided_is_written_with_the_selection_and_cleared_with_it
                a_stale_settlement_marks_nothing
                what_the_bureau_says_of_a_use_decides_with_what_is_known
                a_reading_frees_no_invoice
                a_child_is_logged_with_its_parents_end_and_once
                a_child_waits_behind_higher_classes
            }
        }
    };
}
