//! Stored secrets: kept, named and forgotten. None is ever told.

use crate::{
    access::Asker,
    answers::{SecretKept, SecretNames, SecretRemoved},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use domain::secret::SecretName;
use fleet::ports::secrets::Password;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Bytes of a secret at most.
const BYTES: usize = 4096;

/// The secret itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecretAsked {
    #[schema(value_type = String)]
    value: Password,
}

/// Keep a secret under this name, in place of an earlier one
#[utoipa::path(put, path = "/api/v1/secrets/{name}", tag = "secrets",
    params(("name" = String, Path)), request_body = SecretAsked, responses(
    (status = 200, description = "Kept, sealed", body = SecretKept),
    (status = 400, description = "The name or the value cannot be taken", body = Problem),
    (status = 503, description = "No key is set to seal it with", body = Problem)))]
pub(crate) async fn keep(
    State(site): State<Site>,
    asker: Asker,
    Path(name): Path<String>,
    asked: Result<Json<SecretAsked>, JsonRejection>,
) -> Result<Json<SecretKept>, Problem> {
    let name = name_of(&name)?;
    // What cannot be read is not repeated: it may be the secret.
    let unreadable = |_| Problem::malformed("body: is not {\"value\": \"…\"} in application/json");
    let Json(SecretAsked { value }) = asked.map_err(unreadable)?;
    if value.spoken().is_empty() || value.spoken().len() > BYTES {
        return Err(Problem::malformed(format!("value: must be from 1 to {BYTES} bytes")));
    }
    asker.before(&known(&site, &name).await?);
    let vault = site.vault.as_ref().ok_or_else(no_key)?;
    let sealed = vault.seal(&name, &value).map_err(|error| Problem::away(error.to_string()))?;
    site.store.keep_secrets(&[(name.clone(), sealed)]).await?;
    Ok(Json(SecretKept { name: name.to_string() }))
}

/// The names of the stored secrets
#[utoipa::path(get, path = "/api/v1/secrets", tag = "secrets", responses(
    (status = 200, description = "In their order", body = SecretNames)))]
pub(crate) async fn names(State(site): State<Site>) -> Result<Json<SecretNames>, Problem> {
    let names = site.store.secret_names().await?;
    Ok(Json(SecretNames { names: names.iter().map(ToString::to_string).collect() }))
}

/// Forget a secret
#[utoipa::path(delete, path = "/api/v1/secrets/{name}", tag = "secrets",
    params(("name" = String, Path)), responses(
    (status = 200, description = "Whether it was known", body = SecretRemoved),
    (status = 400, description = "The name cannot be read", body = Problem)))]
pub(crate) async fn remove(
    State(site): State<Site>,
    asker: Asker,
    Path(name): Path<String>,
) -> Result<Json<SecretRemoved>, Problem> {
    let name = name_of(&name)?;
    asker.before(&known(&site, &name).await?);
    let removed = site.store.remove_secrets(&[name]).await?;
    Ok(Json(SecretRemoved { removed: removed == [true] }))
}

/// Whether there is one of this name, for the audit.
async fn known(site: &Site, name: &SecretName) -> Result<Value, Problem> {
    let known = site.store.secrets(std::slice::from_ref(name)).await?.pop().flatten().is_some();
    Ok(json!({"name": name, "kept": known}))
}

fn name_of(text: &str) -> Result<SecretName, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("name: {error}")))
}

fn no_key() -> Problem {
    Problem::away("secrets.key is not set: set it, or secrets.key_file, the same in every process")
}
