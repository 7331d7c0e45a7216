//! Why an invoice that a rule asks for is passed over.

use crate::rules;

/// Each with its code and sentence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Skip {
    /// An earlier run of this rule has chosen it; only a person's reset lets it be chosen again.
    Tried,
    /// An unfinished task holds it.
    Held,
    /// It could not be selected, for this reason.
    Rule(rules::Rule),
    /// 预勾选 for 不抵扣: a person has decided otherwise.
    OtherPurpose,
    /// 作废, 红冲 and the like are not entered.
    NotBookable,
    /// It brings no target nearer.
    NoTax,
    /// Its tax is more than what is left until the target.
    OverTarget,
    /// The run has as many as it may.
    OverMost,
}

impl Skip {
    pub const fn code(self) -> &'static str {
        match self {
            Skip::Tried => "tried",
            Skip::Held => "held",
            Skip::Rule(rule) => rule.code(),
            Skip::OtherPurpose => "other_purpose",
            Skip::NotBookable => "not_bookable",
            Skip::NoTax => "no_tax",
            Skip::OverTarget => "over_target",
            Skip::OverMost => "over_most",
        }
    }

    /// What people read; a rule's `{}` stays empty, for it is one of a whole task.
    pub fn sentence(self) -> String {
        let own = match self {
            Skip::Rule(rule) => return rule.refuses("").sentence,
            Skip::Tried => "本规则已处理过该发票，不再自动处理；如需重新处理，请重置。",
            Skip::Held => "发票正由未完成的任务处理。",
            Skip::OtherPurpose => "发票已预勾选为不抵扣。",
            Skip::NotBookable => "发票状态或风险等级异常，不能自动入账。",
            Skip::NoTax => "发票没有税额。",
            Skip::OverTarget => "发票税额超过距目标税额的余额。",
            Skip::OverMost => "已达到本次运行的发票数量上限。",
        };
        own.to_owned()
    }
}
