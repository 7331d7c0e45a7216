//! The study's ten workloads, and fresh ones of the same shape.

use domain::kind::Class;

/// One task: when it arrives, for which of the tax numbers, and how long it takes, in
/// milliseconds from the start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub at: i64,
    pub number: usize,
    pub class: Class,
    pub takes: i64,
}

const STUDY: [&str; 10] = [
    include_str!("../data/workloads/00.csv"),
    include_str!("../data/workloads/01.csv"),
    include_str!("../data/workloads/02.csv"),
    include_str!("../data/workloads/03.csv"),
    include_str!("../data/workloads/04.csv"),
    include_str!("../data/workloads/05.csv"),
    include_str!("../data/workloads/06.csv"),
    include_str!("../data/workloads/07.csv"),
    include_str!("../data/workloads/08.csv"),
    include_str!("../data/workloads/09.csv"),
];

pub(crate) fn study() -> Vec<Vec<Arrival>> {
    STUDY.iter().map(|text| sorted(text.lines().skip(1).map(read).collect())).collect()
}

fn read(line: &str) -> Arrival {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let [at, number, class, takes] = fields.as_slice() else { panic!("four columns: {line}") };
    Arrival {
        at: milliseconds(at.parse().expect("seconds")),
        number: number.parse().expect("a tax number"),
        class: match *class {
            "filing" => Class::Filing,
            "issuing" => Class::Issuing,
            "selection" => Class::Selection,
            "data" => Class::DataDownload,
            "layout" => Class::LayoutDownload,
            other => panic!("no class {other}"),
        },
        takes: milliseconds(takes.parse().expect("seconds")),
    }
}

/// On each day, each tax number: a filing and two issuing tasks at uniformly random times of the
/// first eight hours; a burst of 8 selections, one of 2 data downloads, one of 3 layout
/// downloads, each starting at a uniformly random time, its tasks following at exponential
/// distances of 600 s on average; every task takes 5 to 30 s, uniformly.
pub(crate) fn fresh(seed: u64, numbers: usize, days: u32) -> Vec<Arrival> {
    const OPEN: f64 = 8.0 * 3600.0;
    let mut chance = SplitMix(seed);
    let mut arrivals = Vec::new();
    let bursts = [(Class::Selection, 8), (Class::DataDownload, 2), (Class::LayoutDownload, 3)];
    for (day, number) in (0..days).flat_map(|day| (0..numbers).map(move |number| (day, number))) {
        let midnight = f64::from(day) * 86_400.0;
        let mut push = |at: f64, class, share: f64| {
            let takes = milliseconds(5.0 + 25.0 * share);
            arrivals.push(Arrival { at: milliseconds(midnight + at), number, class, takes });
        };
        for class in [Class::Filing, Class::Issuing, Class::Issuing] {
            push(OPEN * chance.share(), class, chance.share());
        }
        for (class, tasks) in bursts {
            let start = OPEN * chance.share();
            for _ in 0..tasks {
                push(start - 600.0 * chance.share().ln(), class, chance.share());
            }
        }
    }
    sorted(arrivals)
}

fn sorted(mut arrivals: Vec<Arrival>) -> Vec<Arrival> {
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same workload everywhere.
struct SplitMix(u64);

impl SplitMix {
    /// Between 0 and 1, never either.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        ((mixed >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}
