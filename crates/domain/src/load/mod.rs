//! Bulk load: invoices of the pool from an uploaded table.
//!
//! A table of the columns of [`Column`], one invoice a row. A row is read here ([`read`]) or rejected
//! with one line that says what is wrong and what to do; what is selected is no column, for only the
//! bureau knows it. Source: selection-rules section 6, the fields that come from outside.

mod read;

pub use read::{Loaded, Rejected, read};

macro_rules! columns {
    ($($variant:ident $heading:literal $needed:literal;)*) => {
        /// A column of the table, in the template's order.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Column { $($variant,)* }

        impl Column {
            pub const ALL: &[Column] = &[$(Column::$variant,)*];

            /// Headings in that order, and whether a table must have them.
            pub const HEADINGS: &[(&str, bool)] = &[$(($heading, $needed),)*];
        }
    };
}

columns! {
    Buyer "购买方税号" true;
    Type "发票类型" true;
    Code "发票代码" false;
    Number "发票号码" true;
    PaymentBook "海关缴款书号码" false;
    Date "开票日期" true;
    Amount "金额" true;
    Tax "税额" true;
    SellerName "销售方名称" false;
    SellerTaxNo "销售方税号" false;
    Status "发票状态" false;
    Risk "风险等级" false;
    SpecialKind "特殊票种" false;
    AccountingOrg "核算组织" false;
    Verification "查验状态" false;
    Source "数据来源" false;
    DocumentType "单据类型" false;
    Deductible "是否可抵扣" false;
    EntryState "入账状态" false;
    EntryPeriod "入账属期" false;
    EntryTax "入账税额" false;
    TransferredOut "转出金额" false;
    TransferReason "转出原因" false;
    VoucherNo "凭证号" false;
}

impl Column {
    pub const fn heading(self) -> &'static str {
        Column::HEADINGS[self as usize].0
    }
}

/// 数据来源 of what a table brought and did not say.
pub const LOADED: &str = "文件导入";

#[cfg(test)]
mod tests;
