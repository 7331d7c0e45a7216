//! Both clients against the simulated bureau, over HTTP.

mod download;
mod etax;
mod faults;
mod leqi;
mod referee;
mod town;
