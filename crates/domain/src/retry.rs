//! When a task is tried again.
