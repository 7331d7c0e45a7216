//! What the pool knows of an invoice.

use super::{InvoiceKey, InvoiceType};
use crate::{money::Fen, period::TaxPeriod};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// 发票状态, with the numbers of the open platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    #[default]
    Normal = 0,
    OutOfControl = 1,
    Void = 2,
    Reversed = 3,
    Abnormal = 4,
    PartlyReversed = 7,
    FullyReversed = 8,
}

/// 风险等级
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Not known.
    #[serde(rename = "")]
    Unknown,
    #[default]
    Normal,
    Abnormal,
    Suspect,
}

/// 勾选状态. 勾选中 is not stored: an invoice is *selecting* while a task holds it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    #[default]
    Unselected,
    Selected,
    Certified,
    ScanCertified,
    PreSelected,
    /// Derived: a task holds the invoice.
    Selecting,
}

impl Selection {
    /// What is selected counts for a tax period.
    pub const fn has_period(self) -> bool {
        matches!(self, Selection::Selected | Selection::Certified | Selection::ScanCertified)
    }
}

super::names!(InvoiceStatus {
    Normal "normal" "正常", OutOfControl "out_of_control" "失控", Void "void" "作废",
    Reversed "reversed" "红冲", Abnormal "abnormal" "异常",
    PartlyReversed "partly_reversed" "部分红冲", FullyReversed "fully_reversed" "全额红冲",
});
super::names!(Risk {
    Unknown "" "", Normal "normal" "正常", Abnormal "abnormal" "异常", Suspect "suspect" "疑似",
});
super::names!(Selection {
    Unselected "unselected" "未勾选", Selected "selected" "已勾选", Certified "certified" "已认证",
    ScanCertified "scan_certified" "扫描认证", PreSelected "pre_selected" "预勾选",
    Selecting "selecting" "勾选中",
});

/// An invoice of the pool, as rules and channels need it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PoolInvoice {
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub date: Option<NaiveDate>,
    pub amount: Fen,
    pub tax: Fen,
    pub status: InvoiceStatus,
    pub risk: Risk,
    pub selection: Selection,
    /// 抵扣税期: of the selection.
    pub period: Option<TaxPeriod>,
    /// 农产品收购 or 自产农产品销售; empty otherwise.
    pub special_kind: String,
}
