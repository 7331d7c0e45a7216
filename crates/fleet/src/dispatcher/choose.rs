//! What a lane starts next.

use super::{
    Dispatcher,
    lane_book::{Choice, LaneBook},
};
use crate::{
    ports::log::{Head, Pick},
    settings::Settings,
};
use domain::{
    Moment,
    schedule::{LaneView, NumberView, SwitchLimits, Visit, next_visit},
    taxpayer::ChannelKind,
};

impl Dispatcher {
    /// Picks for a writer's lanes with news, as many as fit; lanes that may have more stay dirty.
    pub(super) fn picks(&mut self, writer: usize, room: usize) -> Vec<Pick> {
        let now = self.context.ports.clock.now();
        let settings = self.context.settings.clone();
        let busy = self.running + self.claiming;
        let most = room.min(settings.running.saturating_sub(busy));
        let elsewhere = self.writers.elsewhere(writer);
        let mut picks = Vec::new();
        while picks.len() < most {
            let Some(lane) = self.writers.get(writer).dirty.pop_first() else { break };
            let Some(book) = self.lanes.get_mut(&lane) else { continue };
            book.set_aside(&elsewhere);
            while picks.len() < most {
                let Some(choice) = choose(book, &settings, now) else { break };
                book.take(&choice.head, choice.slot);
                let Choice { head, slot } = choice;
                picks.push(Pick { task: head.task, lane, tax: head.tax, slot });
            }
            if picks.len() == most {
                self.writers.wake(lane);
            }
        }
        picks
    }
}

/// The head to start, and the slot for it.
fn choose(book: &mut LaneBook, settings: &Settings, now: Moment) -> Option<Choice> {
    let slot = book.free_slot(now)?;
    let scarce = book.lane.channel == ChannelKind::Etax;
    let head = match settings.switches.filter(|_| scarce) {
        Some(limits) => visit(book, limits, settings, now)?,
        None => book.earliest()?.clone(),
    };
    Some(Choice { head, slot })
}

/// The head of the tax number that the account visits next.
fn visit(
    book: &mut LaneBook,
    limits: SwitchLimits,
    settings: &Settings,
    now: Moment,
) -> Option<Head> {
    let numbers: Vec<NumberView> = book
        .heads()
        .map(|head| NumberView {
            tax: head.tax,
            head_class: head.class,
            head_place: head.place,
            head_since: head.since,
            newest: book.newest(head),
        })
        .collect();
    // Not known yet: the lane is looked at again when it is.
    let history = book.switches.as_ref()?;
    let view = LaneView {
        now,
        current: book.lane.current_tax,
        limits: Some(limits),
        history,
        numbers: &numbers,
    };
    let tax = match next_visit(&view, &settings.planner) {
        Visit::Stay => book.lane.current_tax?,
        Visit::SwitchTo(tax) => tax,
        Visit::WaitUntil(until) => {
            book.close_until(until);
            return None;
        }
        Visit::Idle => return None,
    };
    book.head(tax).cloned()
}
