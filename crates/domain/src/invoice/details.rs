//! What the pool keeps of an invoice beside what rules and channels need: where it came from, what
//! it is used for, and how it stands in the books.

use super::{NonDeductionReason, PoolInvoice};
use crate::{Moment, located, money::Fen, period::TaxPeriod, tax_no::TaxNo};
use serde::{Deserialize, Serialize};

/// 入账状态
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    #[default]
    NotEntered,
    Entered,
    /// It was entered, and that was taken back.
    Withdrawn,
}

/// 查验状态: what the tax administration's verification said.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    #[default]
    Unverified,
    Consistent,
    Inconsistent,
    /// The administration knows no such invoice.
    Missing,
}

/// 抵扣用途, with the numbers of the open platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Deduction = 1,
    NonDeduction = 2,
    Rebate = 3,
}

super::names!(EntryState {
    NotEntered "not_entered" "未入账", Entered "entered" "已入账",
    Withdrawn "withdrawn" "已入账撤销",
});
super::names!(Verification {
    Unverified "unverified" "未查验", Consistent "consistent" "查验一致",
    Inconsistent "inconsistent" "查验不一致", Missing "missing" "查无此票",
});
super::names!(Purpose {
    Deduction "deduction" "抵扣", NonDeduction "non_deduction" "不抵扣", Rebate "rebate" "退税",
});

/// The fields of selection-rules section 6 that only people, books and exports read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceDetails {
    /// 采集时间
    pub collected_at: Option<Moment>,
    pub verification: Verification,
    /// 数据来源
    pub source: String,
    /// 单据类型
    pub document_type: String,
    /// 是否可抵扣
    pub deductible: bool,
    /// None: not decided.
    pub purpose: Option<Purpose>,
    pub non_deduction_reason: Option<NonDeductionReason>,
    /// The text that goes with [`NonDeductionReason::Other`].
    pub non_deduction_text: String,
    pub entry_state: EntryState,
    /// 入账属期
    pub entry_period: Option<TaxPeriod>,
    /// 入账时间
    pub entered_at: Option<Moment>,
    /// 入账税额
    pub entry_tax: Option<Fen>,
    /// 转出金额
    pub transferred_out: Option<Fen>,
    /// 转出原因: why 入账税额 is not the tax on the invoice.
    pub transfer_reason: String,
    /// 凭证号
    pub voucher_no: String,
    /// Where the voucher can be looked at.
    pub voucher_link: String,
}

impl Default for InvoiceDetails {
    fn default() -> InvoiceDetails {
        InvoiceDetails {
            collected_at: None,
            verification: Verification::default(),
            source: String::new(),
            document_type: String::new(),
            deductible: true,
            purpose: None,
            non_deduction_reason: None,
            non_deduction_text: String::new(),
            entry_state: EntryState::default(),
            entry_period: None,
            entered_at: None,
            entry_tax: None,
            transferred_out: None,
            transfer_reason: String::new(),
            voucher_no: String::new(),
            voucher_link: String::new(),
        }
    }
}

/// What a file says of [`InvoiceDetails`]. Left out or null: what is known stays.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SaidDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deductible: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_deduction_reason: Option<NonDeductionReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub non_deduction_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_state: Option<EntryState>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "located::optional")]
    pub entry_period: Option<TaxPeriod>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_tax: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_out: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_link: Option<String>,
}

impl SaidDetails {
    /// It says nothing.
    pub fn is_silent(&self) -> bool {
        *self == SaidDetails::default()
    }

    /// What is known after this was said of it.
    pub fn over(self, known: InvoiceDetails) -> InvoiceDetails {
        InvoiceDetails {
            collected_at: self.collected_at.or(known.collected_at),
            verification: self.verification.unwrap_or(known.verification),
            source: self.source.unwrap_or(known.source),
            document_type: self.document_type.unwrap_or(known.document_type),
            deductible: self.deductible.unwrap_or(known.deductible),
            purpose: self.purpose.or(known.purpose),
            non_deduction_reason: self.non_deduction_reason.or(known.non_deduction_reason),
            non_deduction_text: self.non_deduction_text.unwrap_or(known.non_deduction_text),
            entry_state: self.entry_state.unwrap_or(known.entry_state),
            entry_period: self.entry_period.or(known.entry_period),
            entered_at: self.entered_at.or(known.entered_at),
            entry_tax: self.entry_tax.or(known.entry_tax),
            transferred_out: self.transferred_out.or(known.transferred_out),
            transfer_reason: self.transfer_reason.unwrap_or(known.transfer_reason),
            voucher_no: self.voucher_no.unwrap_or(known.voucher_no),
            voucher_link: self.voucher_link.unwrap_or(known.voucher_link),
        }
    }
}

/// An invoice of the pool with every field that people see. Of a customs payment book the number is
/// 缴款书号码 and the date 填发日期.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invoice {
    pub buyer_tax_no: TaxNo,
    /// 税务组织: the buyer's.
    pub tax_org: String,
    /// 核算组织: given by the business document.
    pub accounting_org: String,
    pub seller_name: String,
    pub seller_tax_no: String,
    #[serde(flatten)]
    pub facts: PoolInvoice,
    #[serde(flatten)]
    pub details: InvoiceDetails,
}

#[cfg(test)]
mod tests {
    use super::{EntryState, InvoiceDetails, Purpose, SaidDetails};
    use crate::money::Fen;

    #[test]
    fn what_is_not_said_stays() {
        let known = InvoiceDetails {
            deductible: false,
            entry_tax: Some(Fen(600)),
            voucher_no: "记-7".into(),
            ..InvoiceDetails::default()
        };
        assert_eq!(SaidDetails::default().over(known.clone()), known);
        let said = SaidDetails {
            purpose: Some(Purpose::Rebate),
            voucher_no: Some(String::new()),
            entry_state: Some(EntryState::Entered),
            ..SaidDetails::default()
        };
        let now = InvoiceDetails {
            purpose: Some(Purpose::Rebate),
            voucher_no: String::new(),
            entry_state: EntryState::Entered,
            ..known.clone()
        };
        assert_eq!(said.over(known), now);
    }

    #[test]
    fn a_new_invoice_is_deductible_and_not_entered() {
        let plain = InvoiceDetails::default();
        assert!(plain.deductible && plain.purpose.is_none());
        assert_eq!(plain.entry_state, EntryState::NotEntered);
    }
}
