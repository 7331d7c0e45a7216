//! Which task a part waits for.

use super::{Run, RunPart};
use crate::{ids::TaskId, kind::Kind, task::TaskMessage};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The parameter of a confirmation that is for figures which a person approved: the fingerprint of
/// those. Nothing that stands in its way is put right by making the table anew.
pub const AS_APPROVED: &str = "approved_figures";

/// Whether only what a person approved may be confirmed.
pub fn is_as_approved(parameters: &Map<String, Value>) -> bool {
    parameters.contains_key(AS_APPROVED)
}

impl Run {
    /// The task that the part waits for; None: it waits for none.
    pub fn task_of(&self, part: &RunPart) -> Option<TaskId> {
        part.state.task().map(|kind| self.task_id(part, kind))
    }

    /// Its message: the same every time.
    pub fn message(&self, part: &RunPart) -> Option<TaskMessage> {
        let kind = part.state.task()?;
        let mut message = TaskMessage::new(self.task_id(part, kind), kind, part.tax_no.clone());
        message.tax_period = Some(self.period);
        message.submitted_by = Some(self.asked_by.clone());
        if kind == Kind::StatisticConfirm {
            let name = self.secret_of(part).map(|name| ("password_ref".to_owned(), name));
            let approved = part.approved.as_ref().map(|approved| approved.figures.clone());
            let approved = approved.map(|figures| (AS_APPROVED.to_owned(), figures));
            let all = name.into_iter().chain(approved);
            message.parameters.extend(all.map(|(name, value)| (name, value.into())));
        }
        Some(message)
    }

    /// The name of the secret that its confirmation is signed with.
    pub fn secret_of(&self, part: &RunPart) -> Option<String> {
        let name = self.password_ref.as_ref()?;
        Some(name.replace("{tax_no}", part.tax_no.as_str()))
    }

    /// A UUIDv7 of the run's moment; the rest tells this step from all others.
    fn task_id(&self, part: &RunPart, kind: Kind) -> TaskId {
        let name = format!("{}\n{}\n{}\n{}", self.run_id, part.tax_no, part.step, kind.name());
        let hash: [u8; 32] = Sha256::digest(name.as_bytes()).into();
        let mut rest = [0; 10];
        rest.copy_from_slice(&hash[..10]);
        let millis = u64::try_from(self.created_at.timestamp_millis()).unwrap_or_default();
        TaskId(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
    }
}
