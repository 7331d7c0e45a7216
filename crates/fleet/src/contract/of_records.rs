//! The sentences about what is kept beside the tasks, and read: who exists, the pool, batches, lists.

#[doc(hidden)]
#[macro_export]
macro_rules! record_sentences {
    ($bench:path, $attributes:tt) => {
        $crate::contract_tests! { $bench, $attributes,
            audit {
                what_operators_do_is_written_down
                a_session_is_written_down_when_somebody_told_of_it_and_it_counted
            }
            automatic {
                a_rule_is_written_only_over_the_version_that_was_read
                a_run_begins_once_and_one_of_a_rule_at_a_time
                of_several_that_begin_a_run_one_holds_it
                a_run_that_was_left_is_taken_over_and_its_holder_is_stale
                candidates_match_all_that_a_rule_asks_for_oldest_first
                candidates_tell_how_they_stand
                what_a_run_takes_is_tried_until_a_person_resets_it
                invoices_are_entered_with_the_end_of_their_run
            }
            archive {
                every_field_of_a_filter_that_is_set_must_match
                a_filter_by_time_takes_its_beginning_and_leaves_its_end
                a_list_is_read_page_by_page_newest_first
                counts_are_told_for_each_state
                what_was_never_logged_has_no_card
                a_card_says_why_as_a_claim_would
                a_task_without_an_account_says_so
                the_stores_health_is_told_in_figures
                a_busy_lane_says_what_with
            }
            ledger {
                every_field_of_a_ledger_filter_that_is_set_must_match
                the_ledger_is_read_page_by_page
            }
            roster {
                an_import_says_how_much_it_wrote
                taxpayers_are_told_in_the_order_asked
                every_account_has_a_lane_and_leqi_one_for_each_bureau
                what_exists_is_updated_and_keeps_its_number
                an_import_keeps_what_the_file_does_not_say
                nothing_is_removed
                an_import_does_not_log_anybody_in_or_out
                the_bureaus_period_is_remembered
                lanes_are_told_by_their_numbers
            }
            people {
                nobody_has_to_say_who_they_are_before_there_are_users
                a_token_tells_whose_it_is_until_it_is_replaced
                one_user_may_always_administer_everywhere
                an_action_is_recorded_before_and_after
                the_audit_is_searched_and_read_page_by_page
                who_sees_some_organisations_sees_no_others
            }
            registry {
                taxpayers_are_told_page_by_page_as_a_filter_says
                a_taxpayer_is_told_with_the_accounts_that_serve_it
                accounts_are_told_page_by_page_as_a_filter_says
                a_taxpayer_is_made_and_changed_by_who_saw_it_last
                of_two_changes_at_once_one_is_made
                what_decides_lanes_stays_while_tasks_are_unfinished
                a_taxpayer_that_goes_to_leqi_has_its_lane
                an_account_is_made_and_its_login_changed
                an_account_that_begins_to_serve_gets_what_was_held
                an_account_stops_serving_once_nothing_waits_there
                what_was_judged_before_a_change_is_not_logged_where_it_was
            }
            serving {
                an_import_stops_no_receiving_while_tasks_wait
                what_would_be_held_is_judged_anew_once_an_account_has_come
                what_is_held_while_an_account_comes_is_not_left_behind
            }
            secrets {
                a_secret_is_kept_byte_for_byte_and_replaced
                a_secret_that_is_removed_is_gone
            }
            tables {
                they_are_imported_with_their_period
                a_settlement_writes_the_table_of_the_period_that_it_is_about
                the_newest_figures_stay_with_their_moment_and_fence
                an_older_fence_changes_nothing
                our_own_sums_are_by_type_and_purpose
                a_batch_is_answered_in_its_order
            }
            versions {
                a_made_table_is_kept_with_its_task
                what_is_kept_stays_as_it_was
                a_query_keeps_only_what_is_news
                a_withdrawal_stands_at_the_newest_version
                a_stale_end_keeps_no_version
                versions_are_told_newest_first
                a_version_without_a_file_is_due_to_one_at_a_time
                of_two_files_the_first_stays
                what_is_selected_for_a_period_is_read_page_by_page
            }
            checks {
                each_check_lists_what_it_is_for
                a_check_is_of_a_buyer_or_an_organisation
                a_check_is_held_to_organisations
                a_check_is_read_page_by_page_and_every_invoice_is_shown_once
                what_a_task_holds_is_listed_as_the_pool_keeps_it
                a_resync_has_ended_when_its_last_task_has
                the_newest_resync_takes_the_place_of_the_older
            }
            matrix {
                every_tax_number_stands_in_its_stage
                a_filing_of_the_period_that_succeeded_files_it
                tasks_that_have_not_ended_are_counted
                the_matrix_is_of_a_bureau_an_organisation_or_a_stage
                the_matrix_is_read_page_by_page
                filing_days_are_set_replaced_and_taken_back
            }
            runs {
                a_run_is_kept_once_with_its_parts
                of_two_that_keep_a_run_at_once_one_is_new
                runs_are_told_newest_first
                runs_are_held_to_organisations_by_all_their_tax_numbers
                a_part_is_changed_by_who_read_it_last
                who_asked_for_a_run_never_approves_it
                parts_whose_task_is_missing_or_has_ended_can_be_gone_on_with
            }
            pool {
                an_invoice_has_every_field_that_a_file_says
                what_a_file_leaves_out_has_its_plain_default
                an_import_changes_of_an_invoice_only_what_the_file_says
                what_the_pool_does_not_know_has_no_card
                an_invoice_shows_the_task_that_holds_it_and_then_what_became_of_it
                every_field_of_an_invoice_filter_that_is_set_must_match
                what_a_task_holds_is_found_as_selecting
                invoices_are_read_page_by_page_the_newest_first
            }
            batches {
                a_batch_is_kept_with_its_invoices
                the_same_batch_again_is_kept_once
                of_two_keeps_at_once_one_is_new
                a_batch_is_changed_by_who_read_it_last
                batches_are_told_newest_first
                a_batch_left_in_the_middle_is_found
                where_the_tasks_of_a_batch_stand_is_counted
                the_end_of_a_batch_waits_for_all_that_it_becomes
                what_waits_in_a_lane_is_counted
                what_became_of_an_invoice_in_a_task_is_told
            }
            lists {
                a_list_is_kept_once
                rows_are_written_with_the_list_that_counts_them
                lists_are_told_newest_first
                invoices_are_found_by_their_number_whoever_bought_them
                an_organisation_is_as_its_taxpayers_are
            }
            told {
                what_the_bureau_tells_fills_the_pool
                the_same_page_again_changes_nothing
                an_invoice_twice_on_a_page_is_written_as_it_was_told_last
                what_the_bureau_tells_leaves_our_own_marks
                what_the_bureau_uses_it_for_wins_over_our_purpose
                what_is_selected_at_the_bureau_is_taken_over_also_while_a_task_holds_it
                nothing_is_kept_once_the_keys_have_passed_on
                what_was_downloaded_is_found_by_its_seller
            }
            invoice_files {
                layout_files_are_noted_for_their_invoice
                a_newer_layout_file_takes_the_place_of_the_older
            }
            writeback {
                a_document_writes_every_field_of_its_part
                a_deleted_voucher_is_cleared_and_the_document_stays
                what_comes_twice_or_late_changes_nothing
                a_batch_is_written_in_its_order
                what_may_not_be_is_refused_and_leaves_no_trace
                an_invoice_that_is_not_in_the_pool_is_an_outcome_of_its_own
                what_a_task_holds_is_written_like_any_other
                of_two_write_backs_at_once_the_newer_one_stands
            }
        }
    };
}
