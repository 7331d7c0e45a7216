use super::{Event, ShownState, State, StateName};
use crate::{
    Moment,
    answer::Receipt,
    ids::{Epoch, Fence},
    taxpayer::ChannelKind,
    written,
};
use std::{collections::BTreeMap, fmt::Write};

fn at(second: i64) -> Moment {
    Moment::from_timestamp(second, 0).expect("a moment")
}

fn receipt(text: &str) -> Receipt {
    Receipt(text.into())
}

/// One of every state; those that differ by what was sent, twice.
fn states() -> Vec<State> {
    vec![
        State::Held,
        State::Queued,
        State::Running { fence: Fence(1) },
        State::Awaiting { receipt: receipt("r1") },
        State::Unclear { receipt: None, quiet_until: at(100) },
        State::Delayed { sent: false, until: at(100) },
        State::Delayed { sent: true, until: at(100) },
        State::Parked { sent: false, epoch: Epoch(5) },
        State::Parked { sent: true, epoch: Epoch(5) },
        State::Done,
        State::Refused,
        State::Failed,
        State::Cancelled,
    ]
}

/// One of every event.
fn events() -> Vec<Event> {
    vec![
        Event::Released,
        Event::Claimed { fence: Fence(2) },
        Event::Accepted { receipt: receipt("r2") },
        Event::LostTrack { quiet_until: at(200) },
        Event::FoundRunning { receipt: receipt("r2") },
        Event::ProvedAbsent { fence: Fence(2) },
        Event::StepDone { at: at(200) },
        Event::PutOff { until: at(200) },
        Event::Due,
        Event::LoggedOut { epoch: Epoch(6) },
        Event::LoggedIn { epoch: Epoch(6) },
        Event::TakenUp { receipt: Some(receipt("r2")), quiet_until: at(200) },
        Event::HandedBack,
        Event::Succeeded,
        Event::Refused,
        Event::Failed,
        Event::Cancelled,
    ]
}

/// The state's name in documents: `Delayed, sent` is another one than `Delayed`.
fn title(state: &State) -> String {
    let name = format!("{:?}", state.name());
    match state {
        State::Delayed { sent: true, .. } | State::Parked { sent: true, .. } => {
            format!("{name}, sent")
        }
        _ => name,
    }
}

/// Every transition that there is: from | event | to.
const TRANSITIONS: &str = "
Held | Released | Queued
Held | Refused | Refused
Held | Failed | Failed
Held | Cancelled | Cancelled
Queued | Claimed | Running
Queued | Refused | Refused
Queued | Failed | Failed
Queued | Cancelled | Cancelled
Running | Accepted | Awaiting
Running | LostTrack | Unclear
Running | FoundRunning | Awaiting
Running | ProvedAbsent | Running
Running | StepDone | Unclear
Running | PutOff | Delayed
Running | LoggedOut | Parked
Running | HandedBack | Queued
Running | Succeeded | Done
Running | Refused | Refused
Running | Failed | Failed
Awaiting | LostTrack | Unclear
Awaiting | FoundRunning | Awaiting
Awaiting | StepDone | Awaiting
Awaiting | PutOff | Delayed, sent
Awaiting | LoggedOut | Parked, sent
Awaiting | TakenUp | Awaiting
Awaiting | Succeeded | Done
Awaiting | Refused | Refused
Awaiting | Failed | Failed
Unclear | LostTrack | Unclear
Unclear | FoundRunning | Awaiting
Unclear | ProvedAbsent | Running
Unclear | StepDone | Unclear
Unclear | PutOff | Delayed, sent
Unclear | LoggedOut | Parked, sent
Unclear | TakenUp | Unclear
Unclear | Succeeded | Done
Unclear | Refused | Refused
Unclear | Failed | Failed
Delayed | Due | Queued
Delayed | Failed | Failed
Delayed | Cancelled | Cancelled
Delayed, sent | TakenUp | Awaiting
Delayed, sent | Failed | Failed
Parked | LoggedIn | Queued
Parked | Failed | Failed
Parked | Cancelled | Cancelled
Parked, sent | TakenUp | Awaiting
Parked, sent | Failed | Failed
";

#[test]
fn these_are_all_transitions() {
    let mut expected = BTreeMap::new();
    for line in TRANSITIONS.lines().filter(|line| !line.is_empty()) {
        let columns: Vec<_> = line.split(" | ").collect();
        let [from, event, to] = columns[..] else { panic!("{line}") };
        expected.insert((from.to_owned(), event.to_owned()), to.to_owned());
    }
    let mut found = BTreeMap::new();
    for state in states() {
        for event in events() {
            let key = (title(&state), event.name().to_owned());
            match state.clone().on(event) {
                Ok(next) => {
                    found.insert(key, title(&next));
                }
                Err(illegal) => {
                    assert_eq!((illegal.state, key.1.as_str()), (state.name(), illegal.event))
                }
            }
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn what_was_sent_keeps_the_tax_number_until_the_outcome() {
    for state in states() {
        let keeps = state.keeps_tax_number();
        let may_be_on_its_way = title(&state).ends_with("sent")
            || matches!(state.name(), StateName::Awaiting | StateName::Unclear);
        assert!(keeps || !may_be_on_its_way, "{}", title(&state));
        assert!(!(keeps && state.name().is_final()), "{}", title(&state));
        for event in events() {
            let name = event.name();
            let Ok(next) = state.clone().on(event) else { continue };
            let proved = name == "ProvedAbsent" || next.name().is_final();
            assert!(
                !may_be_on_its_way || proved || next.keeps_tax_number(),
                "{} on {name}: freed while something may have been sent",
                title(&state)
            );
            assert!(!(may_be_on_its_way && next.name() == StateName::Queued), "{name}");
        }
    }
}

#[test]
fn what_is_known_is_carried_on() {
    let lost = |quiet| Event::LostTrack { quiet_until: at(quiet) };
    let awaiting = State::Awaiting { receipt: receipt("r") };
    let unclear = awaiting.on(lost(100)).expect("lost");
    assert_eq!(unclear, State::Unclear { receipt: Some(receipt("r")), quiet_until: at(100) });
    // A shorter quiet time does not shorten that of an earlier call.
    let later = unclear.clone().on(lost(50)).expect("lost again");
    assert_eq!(later, unclear);
    let later = later.on(lost(150)).expect("lost again");
    assert_eq!(later, State::Unclear { receipt: Some(receipt("r")), quiet_until: at(150) });
    let without = Event::TakenUp { receipt: None, quiet_until: at(9) };
    let parked = State::Parked { sent: true, epoch: Epoch(1) };
    let asked = parked.on(without).expect("taken up");
    assert_eq!(asked, State::Unclear { receipt: None, quiet_until: at(9) });
}

#[test]
fn only_a_newer_login_resumes_what_is_parked() {
    for (epoch, resumes) in [(4, false), (5, false), (6, true)] {
        let parked = State::Parked { sent: false, epoch: Epoch(5) };
        let resumed = parked.on(Event::LoggedIn { epoch: Epoch(epoch) });
        assert_eq!(resumed.is_ok(), resumes, "{epoch}");
    }
}

#[test]
fn people_see_four_states() {
    use ShownState::{Failed, Processing, Succeeded, Untouched};
    // state | 电子税局 | 乐企 before the first accepted call | 乐企 after it
    for (state, etax, before, after) in [
        (StateName::Held, Untouched, Untouched, Untouched),
        (StateName::Queued, Processing, Untouched, Processing),
        (StateName::Running, Processing, Untouched, Processing),
        (StateName::Awaiting, Processing, Processing, Processing),
        (StateName::Unclear, Processing, Processing, Processing),
        (StateName::Delayed, Processing, Untouched, Processing),
        (StateName::Parked, Processing, Untouched, Processing),
        (StateName::Done, Succeeded, Succeeded, Succeeded),
        (StateName::Refused, Failed, Failed, Failed),
        (StateName::Failed, Failed, Failed, Failed),
        (StateName::Cancelled, Failed, Failed, Failed),
    ] {
        let shown = [
            state.shown(ChannelKind::Etax, false),
            state.shown(ChannelKind::Leqi, false),
            state.shown(ChannelKind::Leqi, true),
        ];
        assert_eq!(shown, [etax, before, after], "{state}");
        assert_eq!(state.shown(ChannelKind::Etax, true), etax, "{state}");
    }
}

#[test]
fn names_read_as_they_are_written() {
    for name in StateName::ALL {
        assert_eq!(StateName::from_name(name.name()), Some(*name));
        let json = serde_json::to_string(name).expect("JSON");
        assert_eq!(json, format!("\"{name}\""));
    }
}

#[test]
fn the_written_states_are_current() {
    written::keep("STATES.md", &document());
}

fn document() -> String {
    let mut text = String::from(INTRODUCTION);
    diagram(&mut text);
    table(&mut text);
    shown(&mut text);
    text
}

const INTRODUCTION: &str = "\
# The states of a task

Written from `task::State::on` by a test; `UPDATE_DOCS=1 cargo nextest run -p gouxuan-domain` \
writes it anew.

*Sent* says that something may have taken effect at the bureau. Such a task is never queued \
again as it is: it is taken up, asked about, and goes on only after its outcome is known or its \
absence is proved.
";

fn alias(title: &str) -> String {
    title.replace(", sent", "Sent")
}

fn diagram(text: &mut String) {
    text.push_str("\n```mermaid\nstateDiagram-v2\n");
    for title in states().iter().map(title).filter(|title| title.ends_with("sent")) {
        writeln!(text, "    state \"{title}\" as {}", alias(&title)).expect("text");
    }
    text.push_str("    [*] --> Held\n    [*] --> Queued\n");
    for state in states() {
        let mut edges: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for event in events() {
            let name = event.name();
            if let Ok(next) = state.clone().on(event) {
                edges.entry(title(&next)).or_default().push(name);
            }
        }
        let from = alias(&title(&state));
        for (to, names) in edges {
            writeln!(text, "    {from} --> {}: {}", alias(&to), names.join(", ")).expect("text");
        }
        if state.name().is_final() {
            writeln!(text, "    {from} --> [*]").expect("text");
        }
    }
    text.push_str("```\n");
}

fn table(text: &mut String) {
    text.push_str("\n## Every state and every event\n\nAn empty cell cannot happen: the event is refused.\n\n| event |");
    let states: Vec<_> = states().into_iter().filter(|s| !s.name().is_final()).collect();
    for state in &states {
        write!(text, " {} |", title(state)).expect("text");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(states.len()));
    for event in events() {
        write!(text, "\n| {} |", event.name()).expect("text");
        for state in &states {
            let next = state.clone().on(event.clone()).map(|next| title(&next));
            write!(text, " {} |", next.unwrap_or_default()).expect("text");
        }
    }
    text.push_str("\n| *keeps its tax number* |");
    for state in &states {
        let keeps = if state.keeps_tax_number() { "yes" } else { "no" };
        write!(text, " {keeps} |").expect("text");
    }
    text.push_str("\n\nDone, Refused, Failed and Cancelled are final: nothing happens to the task any more. `TakenUp` without a receipt leads to Unclear instead of Awaiting.\n");
}

fn shown(text: &mut String) {
    text.push_str("\n## What people see\n\n| state | 电子税局 | 乐企, before its first accepted call | 乐企, after it |\n|---|---|---|---|\n");
    for state in StateName::ALL {
        let label = |channel, accepted| state.shown(channel, accepted).label();
        writeln!(
            text,
            "| {state:?} | {} | {} | {} |",
            label(ChannelKind::Etax, false),
            label(ChannelKind::Leqi, false),
            label(ChannelKind::Leqi, true)
        )
        .expect("text");
    }
}
