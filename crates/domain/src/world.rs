//! The world file: who exists.

/// Who exists.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct World {}
