//! The world file: who exists.
