//! Headers that identify every request, on both channels.

/// Our task's id (UUID). The same over all requests of the task.
pub const TASK: &str = "x-gouxuan-task";
/// `<task>.<act>`: the same for every repetition of one acting step.
pub const REQUEST: &str = "x-gouxuan-request";
/// The number of the caller's holding of the tax number; only rises (decimal, 64 bit).
pub const FENCE: &str = "x-gouxuan-fence";
/// Six-digit code of the bureau, such as 440300.
pub const BUREAU: &str = "x-gouxuan-bureau";
/// The account at the bureau; `leqi` on the channel that has no login.
pub const ACCOUNT: &str = "x-gouxuan-account";
/// The tax number that the request is for.
pub const TAX_NO: &str = "x-gouxuan-tax-no";
/// The task's kind, such as `deduction_select`; absent on calls that belong to no kind.
pub const KIND: &str = "x-gouxuan-kind";
/// What the request is for, by [`Op::name`].
pub const OP: &str = "x-gouxuan-op";
/// W3C trace context, when the task has one.
pub const TRACEPARENT: &str = "traceparent";

/// What a request is for. One word on both channels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Op {
    Login,
    CurrentTaxNumber,
    Switch,
    Period,
    Submit,
    Result,
    ReadBack,
    Use,
    Page,
    File,
}

impl Op {
    pub const ALL: [Op; 10] = [
        Op::Login,
        Op::CurrentTaxNumber,
        Op::Switch,
        Op::Period,
        Op::Submit,
        Op::Result,
        Op::ReadBack,
        Op::Use,
        Op::Page,
        Op::File,
    ];

    /// The word in the header and in the referee's log. Asking for period and statistic state
    /// is `statistic` there.
    pub const fn name(self) -> &'static str {
        match self {
            Op::Login => "login",
            Op::CurrentTaxNumber => "current_tax_number",
            Op::Switch => "switch",
            Op::Period => "statistic",
            Op::Submit => "submit",
            Op::Result => "result",
            Op::ReadBack => "read_back",
            Op::Use => "use",
            Op::Page => "page",
            Op::File => "file",
        }
    }

    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.name() == name)
    }
}
