//! A panic inside a worker's task ends only that task: it is noted here, so that the run fails.

use std::{cell::RefCell, sync::Once};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
    static WATCHED: RefCell<bool> = const { RefCell::new(false) };
}

/// From now on this thread's panics are noted instead of printed.
pub(crate) fn watch() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if WATCHED.with(|watched| *watched.borrow()) {
                LAST.with(|last| *last.borrow_mut() = Some(info.to_string()));
            } else {
                before(info);
            }
        }));
    });
    set(true);
}

/// Panics are the test's own again.
pub(crate) fn unwatch() {
    set(false);
}

fn set(on: bool) {
    WATCHED.with(|watched| *watched.borrow_mut() = on);
    LAST.with(|last| last.borrow_mut().take());
}

/// The last panic of this thread since it was asked for.
pub(crate) fn taken() -> Option<String> {
    LAST.with(|last| last.borrow_mut().take())
}
