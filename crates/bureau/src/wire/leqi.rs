//! 乐企: `POST /access/v2/invoke/{ability}/{service}` with a plain JSON body.
//!
//! Names of services and fields are the bureau's. What is not published stands in
//! `docs/bureau/unknown.md`. Production encrypts the bodies; the sandbox does not, nor do we yet.

use serde::{Deserialize, Serialize};

/// A service, by the bureau's own name for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Service {
    /// Current period and statistic state.
    CurrentPeriod,
    /// Upload a selection.
    Select,
    SelectResult,
    /// Apply (1) or withdraw (2) statistics.
    Statistics,
    StatisticsResult,
    /// Apply (1) or withdraw (2) the confirmation.
    Confirmation,
    ConfirmationResult,
    ChangePeriod,
    /// The use of one invoice.
    InvoiceUse,
    Download,
    DownloadResult,
}

impl Service {
    pub const ALL: [Service; 11] = [
        Service::CurrentPeriod,
        Service::Select,
        Service::SelectResult,
        Service::Statistics,
        Service::StatisticsResult,
        Service::Confirmation,
        Service::ConfirmationResult,
        Service::ChangePeriod,
        Service::InvoiceUse,
        Service::Download,
        Service::DownloadResult,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Service::CurrentPeriod => "HQDQSKSSQYDQSKSSQTJZT",
            Service::Select => "PLFPDKGX",
            Service::SelectResult => "CXFPDKGXCLJG",
            Service::Statistics => "SQCXDKTJ",
            Service::StatisticsResult => "CXTJCLJG",
            Service::Confirmation => "SQQRDKTJ",
            Service::ConfirmationResult => "CXQRTJCLJG",
            Service::ChangePeriod => "SQSKSSQBG",
            Service::InvoiceUse => "FPZTXXCX",
            Service::Download => "PLFPXZSQ",
            Service::DownloadResult => "PLFPXZSQFK",
        }
    }

    /// The ability that offers the service.
    pub const fn ability(self) -> &'static str {
        match self {
            Service::InvoiceUse | Service::Download | Service::DownloadResult => "203067",
            _ => "203065",
        }
    }

    /// The path below 乐企's base address.
    pub fn path(self) -> String {
        format!("/access/v2/invoke/{}/{}", self.ability(), self.code())
    }

    pub fn from_code(code: &str) -> Option<Service> {
        Service::ALL.into_iter().find(|service| service.code() == code)
    }
}

/// Layer two and three of an answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Reply {
    #[serde(rename = "Response")]
    pub response: Response,
}

#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Response {
    #[serde(rename = "RequestId", default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    #[serde(rename = "Error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The business answer: an object, or the same as a JSON text.
    #[serde(rename = "Data", default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// Layer two: the platform did not pass the request on to the business.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Error {
    #[serde(rename = "Code", default)]
    pub code: String,
    #[serde(rename = "Message", default)]
    pub message: String,
}

/// Layer three, with every field that one of the services answers with.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Business {
    /// `00`: taken.
    pub returncode: String,
    pub returnmsg: String,
    /// Batch serial, at most 32 characters: the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pclsh: Option<String>,
    /// Result of a statistic or confirmation request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cljg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cljgms: Option<String>,
    /// Result per invoice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpmx: Option<Vec<InvoiceResult>>,
    /// Tax period, yyyyMM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skssq: Option<String>,
    /// State of the statistic table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tjzt: Option<String>,
    /// What the table counts, by type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tjmx: Option<Vec<StatisticLine>>,
    /// Invoice status: 0 正常, 2 作废, 3 已红冲, 7 部分红冲, 8 全额红冲.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpzt: Option<String>,
    /// Risk: 01 正常, 02 异常, 03 疑似.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ycpzzt: Option<String>,
    /// Use: 0 unused, 1 deduction, 2 rebate, 3 proxy rebate, 6 non-deduction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpyt: Option<String>,
    /// Book entry: 01, 02, 03.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rzzt: Option<String>,
    /// Red lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hzsdbs: Option<String>,
    /// Packages of a bulk download.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Vec<String>>,
    /// The invoices of one package; [`PackageInvoice`] each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpxx: Option<Vec<serde_json::Value>>,
}

/// An invoice of a bulk download. Amounts in yuan; the names are ours where none is published.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageInvoice {
    /// The buyer's tax number.
    pub gfsbh: String,
    pub fplx: String,
    pub fpdm: String,
    pub fphm: String,
    /// yyyyMMdd
    pub kprq: String,
    /// Without tax.
    pub je: String,
    pub se: String,
    pub xfmc: String,
    pub xfsbh: String,
    /// 农产品收购 or 自产农产品销售.
    pub tspz: String,
    /// As in [`Business::fpzt`], and so the next.
    pub fpzt: String,
    pub ycpzzt: String,
    /// As in [`Business::fpyt`]; empty: not told.
    pub fpyt: String,
    /// yyyyMM
    pub skssq: String,
}

/// What a statistic table counts of one type; amounts are yuan as text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StatisticLine {
    pub fplx: String,
    /// Deducted: count, amount, tax.
    pub dkfs: i64,
    pub dkje: String,
    pub dkse: String,
    /// Not deducted: count, amount, tax.
    pub bdkfs: i64,
    pub bdkje: String,
    pub bdkse: String,
}

/// What became of one invoice of an upload.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InvoiceResult {
    pub fpdm: String,
    pub fphm: String,
    pub cljg: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cljgms: String,
}

/// `gxlxDm`: what an upload does.
pub mod purpose {
    pub const DEDUCT: &str = "01";
    pub const WITHDRAW_DEDUCT: &str = "02";
    pub const NOT_DEDUCT: &str = "03";
    pub const WITHDRAW_NOT_DEDUCT: &str = "04";
}

/// `sqlx` of the statistic and confirmation services.
pub mod request {
    pub const APPLY: &str = "1";
    pub const WITHDRAW: &str = "2";
    /// `sfmx`
    pub const WITH_FIGURES: &str = "Y";
}

/// Body of [`Service::Select`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// The buyer's tax number.
    pub gfsbh: String,
    #[serde(rename = "gxlxDm")]
    pub gxlx_dm: String,
    pub fpmx: Vec<UploadInvoice>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UploadInvoice {
    /// yyyyMMdd
    pub kprq: String,
    /// Old types only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fpdm: String,
    /// At most 20 characters.
    pub fphm: String,
    pub fplx: String,
    /// 1 to 5, for non-deduction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bdklx: Option<String>,
    /// At most 300 characters; required for 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bdkyy: Option<String>,
}

/// Body of the services that are about a tax number and its period.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PeriodBody {
    pub nsrsbh: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skssq: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqlx: Option<String>,
    /// `Y`: with what the table counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sfmx: Option<String>,
}

/// Body of the services that ask with a batch serial.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SerialBody {
    pub nsrsbh: String,
    pub pclsh: String,
}

/// Body of [`Service::DownloadResult`] that asks for one package.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackageBody {
    pub nsrsbh: String,
    pub pclsh: String,
    /// One of [`Business::packages`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bh: Option<String>,
}

/// Body of [`Service::InvoiceUse`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UseBody {
    pub gfsbh: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fpdm: String,
    pub fphm: String,
}

/// Body of [`Service::Download`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DownloadBody {
    pub nsrsbh: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skssq: Option<String>,
    /// The first and the last day, yyyyMMdd; in place of the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kprqq: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kprqz: Option<String>,
    /// The invoices wanted; empty: those of the dates or the period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fphm: Vec<String>,
}
