//! The kinds of task, their class, and the one table of how each is handled.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Order of tasks inside one tax number: a lower variant goes first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Class {
    /// 税务申报
    Filing = 0,
    /// 开票
    Issuing = 1,
    /// 勾选
    Selection = 2,
    /// 下载发票数据
    DataDownload = 3,
    /// 下载版式文件
    LayoutDownload = 4,
}

impl Class {
    pub const ALL: [Class; 5] = [
        Class::Filing,
        Class::Issuing,
        Class::Selection,
        Class::DataDownload,
        Class::LayoutDownload,
    ];

    /// The identifier in messages, tables and metric labels.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Filing => "filing",
            Class::Issuing => "issuing",
            Class::Selection => "selection",
            Class::DataDownload => "data_download",
            Class::LayoutDownload => "layout_download",
        }
    }

    /// The word that users read.
    pub const fn label(self) -> &'static str {
        match self {
            Class::Filing => "税务申报",
            Class::Issuing => "开票",
            Class::Selection => "勾选",
            Class::DataDownload => "下载发票数据",
            Class::LayoutDownload => "下载版式文件",
        }
    }

    /// The class with this number, as stored.
    pub fn from_number(number: i16) -> Option<Class> {
        Class::ALL.into_iter().find(|class| *class as i16 == number)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an outcome that was lost is found again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadBack {
    /// The use of the task's invoices tells whether the call took effect.
    InvoiceUse,
    /// The state of the statistic table tells.
    StatisticState,
    /// The current tax period tells.
    Period,
    /// The call only reads: it is simply made again.
    Repeat,
    /// Only the channel's own memory of our request id can tell; else a person must.
    ByRequest,
}

/// What one kind is, in one row of [`Kind::traits`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KindTraits {
    pub name: &'static str,
    /// The word in the task log, as users read it.
    pub label: &'static str,
    pub class: Class,
    /// False for what is only a mark in our own pool.
    pub needs_lane: bool,
    pub read_back: ReadBack,
    /// Whether rule 2.1 refuses it for a small-scale taxpayer (also on retry).
    pub general_only: bool,
}

macro_rules! kinds {
    ($($variant:ident $name:literal $label:literal $class:ident $lane:literal $read:ident $general:literal;)*) => {
        /// What a task asks for.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum Kind { $(#[serde(rename = $name)] $variant,)* }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The one table: kind → class, needs a lane?, how it is read back.
            pub const fn traits(self) -> KindTraits {
                match self {
                    $(Kind::$variant => KindTraits {
                        name: $name,
                        label: $label,
                        class: Class::$class,
                        needs_lane: $lane,
                        read_back: ReadBack::$read,
                        general_only: $general,
                    },)*
                }
            }
        }
    };
}

kinds! {
    TaxFiling "tax_filing" "税务申报" Filing true ByRequest false;
    InvoiceIssuing "invoice_issuing" "开票" Issuing true ByRequest false;
    DeductionSelect "deduction_select" "抵扣勾选" Selection true InvoiceUse true;
    DeductionDeselect "deduction_deselect" "撤销抵扣勾选" Selection true InvoiceUse true;
    NonDeductionSelect "non_deduction_select" "不抵扣勾选" Selection true InvoiceUse true;
    NonDeductionDeselect "non_deduction_deselect" "撤销不抵扣勾选" Selection true InvoiceUse true;
    PreSelect "pre_select" "预勾选" Selection false Repeat true;
    PreDeselect "pre_deselect" "撤销预勾选" Selection false Repeat true;
    PassengerTransport "passenger_transport" "旅客运输抵扣" Selection true ByRequest true;
    PassengerTransportUndo "passenger_transport_undo" "撤销旅客运输抵扣" Selection true ByRequest true;
    PeriodQuery "period_query" "查询税款所属期" Selection true Repeat true;
    StatisticQuery "statistic_query" "查询统计表" Selection true Repeat true;
    StatisticCreate "statistic_create" "生成统计表" Selection true StatisticState true;
    StatisticWithdraw "statistic_withdraw" "撤销统计表" Selection true StatisticState true;
    StatisticConfirm "statistic_confirm" "确认签名" Selection true StatisticState true;
    PeriodChange "period_change" "变更税款所属期" Selection true Period true;
    BatchCertify "batch_certify" "批量认证" Selection true ByRequest true;
    RebateSelect "rebate_select" "退税勾选" Selection true InvoiceUse true;
    RebateDeselect "rebate_deselect" "撤销退税勾选" Selection true InvoiceUse true;
    RebateStatisticConfirm "rebate_statistic_confirm" "确认退税勾选统计表" Selection true ByRequest true;
    AgriculturalOwn "agricultural_own" "农产品处理(属于自产)" Selection true ByRequest true;
    AgriculturalNotOwn "agricultural_not_own" "农产品处理(不属于自产)" Selection true ByRequest true;
    AgriculturalPartOwn "agricultural_part_own" "农产品处理(部分属于自产)" Selection true ByRequest true;
    AgriculturalFaceAmount "agricultural_face_amount" "农产品处理(按票面金额和基础扣除率)" Selection true ByRequest true;
    AgriculturalFaceTax "agricultural_face_tax" "农产品处理(按票面税额)" Selection true ByRequest true;
    InvoiceDownload "invoice_download" "下载发票数据" DataDownload true Repeat false;
    InvoiceUseQuery "invoice_use_query" "查询发票用途" DataDownload true Repeat false;
    LayoutDownload "layout_download" "下载版式文件" LayoutDownload true Repeat false;
}

/// What a selection does to its invoices.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Select,
    Deselect,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        self.traits().name
    }

    pub const fn label(self) -> &'static str {
        self.traits().label
    }

    pub const fn class(self) -> Class {
        self.traits().class
    }

    /// Whether the task selects or deselects invoices of the pool; those it holds until its outcome.
    pub const fn action(self) -> Option<Action> {
        use Kind::*;
        match self {
            DeductionSelect | NonDeductionSelect | PreSelect | RebateSelect => Some(Action::Select),
            DeductionDeselect | NonDeductionDeselect | PreDeselect | RebateDeselect => {
                Some(Action::Deselect)
            }
            _ => None,
        }
    }

    /// Whether the task changes something at the bureau: what only reads may be sent again freely.
    pub const fn acts_at_bureau(self) -> bool {
        !matches!(self.traits().read_back, ReadBack::Repeat)
    }

    /// Whether the claim itself is the durable intent (reading back can prove what happened).
    /// For the others a `sending` row is committed before the call.
    pub const fn can_be_read_back(self) -> bool {
        !matches!(self.traits().read_back, ReadBack::ByRequest)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is no kind of task.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a kind of task")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Kind};

    #[test]
    fn kinds_read_as_they_are_written() {
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
            let json = serde_json::to_string(kind).expect("JSON");
            assert_eq!(json, format!("\"{kind}\""));
        }
    }

    #[test]
    fn classes_stand_in_their_order() {
        let mut sorted = Class::ALL;
        sorted.sort_unstable();
        assert_eq!(sorted, Class::ALL);
        for class in Class::ALL {
            assert_eq!(Class::from_number(class as i16), Some(class));
        }
        assert_eq!(Class::from_number(5), None);
    }

    #[test]
    fn the_glossary_lists_every_kind() {
        let glossary = include_str!("../../../docs/GLOSSARY.md");
        for kind in Kind::ALL {
            let row = format!("| {} | `{kind}` | {} |\n", kind.label(), kind.class());
            assert!(glossary.contains(&row), "{row}");
        }
    }
}
