//! The words of both protocols, as they travel.

pub mod etax;
pub mod header;
pub mod leqi;
