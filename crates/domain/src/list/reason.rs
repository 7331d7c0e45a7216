//! The reason of a non-deduction as people write it.

use super::cell::clipped;
use crate::invoice::NonDeductionReason;
use std::str::FromStr;

/// Characters of the text that goes with 其他: 乐企's `bdkyy`.
const TEXT_CHARS: usize = 300;

/// 不抵扣原因, with its text where one is needed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    reason: NonDeductionReason,
    text: Option<String>,
}

/// Why something is no reason.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReasonProblem {
    #[error("“{0}”不是不抵扣原因，请填写1至5或原因名称，“其他”写作“其他：说明”")]
    Unknown(String),
    #[error("不抵扣原因“其他”缺少说明，请写作“其他：说明”")]
    NoText,
    #[error("不抵扣原因的说明最多{max}字", max = TEXT_CHARS)]
    TextTooLong,
    #[error("只有不抵扣勾选的发票才有不抵扣原因")]
    NotForThisKind,
}

impl Reason {
    /// `text` belongs to [`NonDeductionReason::Other`] alone, which needs it (ours).
    pub fn new(reason: NonDeductionReason, text: &str) -> Result<Reason, ReasonProblem> {
        let text = text.trim();
        match reason {
            NonDeductionReason::Other if text.is_empty() => Err(ReasonProblem::NoText),
            NonDeductionReason::Other if text.chars().count() > TEXT_CHARS => {
                Err(ReasonProblem::TextTooLong)
            }
            NonDeductionReason::Other => Ok(Reason { reason, text: Some(text.to_owned()) }),
            _ if text.is_empty() => Ok(Reason { reason, text: None }),
            _ => Err(ReasonProblem::Unknown(clipped(&format!("{}：{text}", reason.label())))),
        }
    }

    pub fn reason(&self) -> NonDeductionReason {
        self.reason
    }

    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// A number, a label or both, then the text: `3`, `用于免税项目`, `5 其他：报废`.
impl FromStr for Reason {
    type Err = ReasonProblem;

    fn from_str(written: &str) -> Result<Reason, ReasonProblem> {
        let mut rows = NonDeductionReason::ALL.into_iter();
        let found = rows.find_map(|(reason, number, label)| {
            let by_number = after(written, number)
                .map(|rest| after(rest, label).unwrap_or(rest))
                .or_else(|| after(written.strip_prefix(number)?, label));
            by_number.or_else(|| after(written, label)).map(|text| (reason, text))
        });
        let (reason, text) = found.ok_or_else(|| ReasonProblem::Unknown(clipped(written)))?;
        Reason::new(reason, text)
    }
}

/// What follows a word, when the word ends there.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(word)?;
    let separates = |c: char| c.is_whitespace() || ":：,，.、。-—()（）".contains(c);
    let ends = rest.chars().next().is_none_or(separates);
    ends.then(|| rest.trim_matches(separates))
}
