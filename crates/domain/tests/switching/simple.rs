//! The study's simple policies, to see that this simulation measures what the study did.

use domain::schedule::{LaneView, NumberView, Visit};

fn first_in_class_order<'a>(view: &LaneView<'a>) -> Option<&'a NumberView> {
    view.numbers.iter().min_by_key(|number| (number.head_class, number.head_place))
}

/// Class order over the whole lane; waits for a switch while none is free.
pub(crate) fn waits_for_a_switch(view: &LaneView<'_>) -> Visit {
    match first_in_class_order(view) {
        None => Visit::Idle,
        Some(first) if Some(first.tax) == view.current => Visit::Stay,
        Some(first) => match view.limits.and_then(|it| view.history.free_at(view.now, it)) {
            Some(until) => Visit::WaitUntil(until),
            None => Visit::SwitchTo(first.tax),
        },
    }
}

/// The same, but takes the current tax number's work while no switch is free.
pub(crate) fn works_while_it_waits(view: &LaneView<'_>) -> Visit {
    match waits_for_a_switch(view) {
        Visit::WaitUntil(_) if view.numbers.iter().any(|it| Some(it.tax) == view.current) => {
            Visit::Stay
        }
        visit => visit,
    }
}
