//! What is answered about the versions of statistic tables.

use chrono::{DateTime, Utc};
use domain::statistic::{Figures, TableVersion, VersionFile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is said of a version until a worker has made its file.
const NO_FILE_YET: &str = "文件尚未生成。";

/// A page of versions, the newest first: by period, then order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionPage {
    pub versions: Vec<VersionView>,
    /// For `after`; null on the last page
    pub next: Option<String>,
}

/// A statistic table as it once was. Figures are as those of a table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionView {
    /// Such as 202511-37: what the file is asked for by
    pub version: String,
    /// Such as 202511
    pub period: String,
    /// `generated` or `confirmed`
    pub state: String,
    /// When it was found withdrawn, unless a newer version had taken its place
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Which task told of it
    pub task_id: Uuid,
    pub kind: String,
    /// When the bureau told of it
    pub told_at: DateTime<Utc>,
    /// When the bureau told the figures, then its newest ones
    pub asked_at: Option<DateTime<Utc>>,
    /// The bureau's; null: it had never told them
    #[schema(value_type = Option<Vec<Object>>)]
    pub figures: Option<Figures>,
    /// What our pool had selected for the period then
    #[schema(value_type = Vec<Object>)]
    pub ours: Figures,
    /// By how much more the bureau counted; empty: nothing differed
    #[schema(value_type = Option<Vec<Object>>)]
    pub differences: Option<Figures>,
    /// Null: not made yet
    pub file: Option<VersionFileView>,
    /// Why there is no file, or no invoices in it; empty: all is there
    pub remark: String,
}

/// The file of a version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionFileView {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
    /// When its invoices were read from the pool
    pub read_at: DateTime<Utc>,
    /// How many stand in it
    pub invoices: u64,
}

impl From<TableVersion> for VersionView {
    fn from(version: TableVersion) -> VersionView {
        let (name, differences) = (version.file_name(), version.differences());
        let remark = match &version.file {
            None => NO_FILE_YET.to_owned(),
            Some(file) => file.left_out.clone(),
        };
        let view = |file: VersionFile| VersionFileView {
            name,
            bytes: file.bytes,
            sha256: file.sha256.to_string(),
            read_at: file.read_at,
            invoices: file.invoices,
        };
        VersionView {
            version: version.id.to_string(),
            period: version.id.period.to_string(),
            state: version.state.name().to_owned(),
            withdrawn_at: version.withdrawn_at,
            task_id: version.task.0,
            kind: version.kind.name().to_owned(),
            told_at: version.at,
            asked_at: version.known.as_ref().map(|known| known.asked_at),
            figures: version.known.map(|known| known.figures),
            ours: version.ours,
            differences,
            file: version.file.map(view),
            remark,
        }
    }
}
