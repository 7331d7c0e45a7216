//! Users and their roles, and the audit.

use super::asked::UserAsked;
use crate::{
    access::{Asker, fresh_token, hash_of},
    answers::{AuditPage, AuditView, Me, RightView, UserKept, UserRemoved, UserView, Users},
    audit_query::AuditQuery,
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::rights::{Extent, GRANTS, Grant, Right, User, UserName};
use fleet::ports::people::{USERS, UserChanged};

/// Who I am, and what I may do
#[utoipa::path(get, path = "/api/v1/me", tag = "people", responses(
    (status = 200, description = "Name, and where each right is mine", body = Me),
    (status = 401, description = "Nobody's token", body = Problem)))]
pub(crate) async fn me(State(site): State<Site>, asker: Asker) -> Json<Me> {
    let of = |right: Right| {
        let organisations = match asker.somewhere(right).ok()? {
            Extent::Everywhere => None,
            Extent::Organisations(organisations) => Some(organisations.into_iter().collect()),
        };
        Some(RightView { right: right.name().to_owned(), organisations })
    };
    let rights = Right::ALL.into_iter().filter_map(of).collect();
    let hide_forbidden = site.hide_forbidden;
    Json(Me { name: asker.name(None), rights, hide_forbidden })
}

/// Every user with their roles
#[utoipa::path(get, path = "/api/v1/users", tag = "people", responses(
    (status = 200, description = "By name; none: nobody has to say who they are", body = Users)))]
pub(crate) async fn users(State(site): State<Site>) -> Result<Json<Users>, Problem> {
    let users = site.store.users().await?.iter().map(UserView::from).collect();
    Ok(Json(Users { users }))
}

/// Keep a user with these roles, in place of earlier ones
///
/// A new user gets a token, which is told in this answer and never again; `new_token` gives a known
/// one another. The first user must administer everywhere, and from then on everybody needs a token.
#[utoipa::path(put, path = "/api/v1/users/{name}", tag = "people",
    params(("name" = String, Path)), request_body = UserAsked, responses(
    (status = 200, description = "Kept", body = UserKept),
    (status = 400, description = "The name or a role cannot be read", body = Problem),
    (status = 409, description = "Nobody could administer any more", body = Problem)))]
pub(crate) async fn keep(
    State(site): State<Site>,
    asker: Asker,
    Path(name): Path<String>,
    asked: Result<Json<UserAsked>, JsonRejection>,
) -> Result<Json<UserKept>, Problem> {
    let Json(asked) = asked?;
    let user = User { name: name_of(&name)?, grants: grants_of(&asked.roles)? };
    let known = known(&site, &user.name).await?;
    asker.before(&known.as_ref().map(UserView::from));
    let token = match known {
        Some(_) if !asked.new_token => None,
        _ => Some(fresh_token()?),
    };
    let hash = token.as_deref().map(hash_of);
    changed(site.store.keep_user(&user, hash.as_ref()).await?, &user.name)?;
    tracing::info!(user = %user.name, by = asker.name(None), "a user was changed");
    Ok(Json(UserKept { user: UserView::from(&user), token }))
}

/// Forget a user: the token is worth nothing from now on
#[utoipa::path(delete, path = "/api/v1/users/{name}", tag = "people",
    params(("name" = String, Path)), responses(
    (status = 200, description = "As the user was", body = UserRemoved),
    (status = 404, description = "No such user", body = Problem),
    (status = 409, description = "Nobody could administer any more", body = Problem)))]
pub(crate) async fn remove(
    State(site): State<Site>,
    asker: Asker,
    Path(name): Path<String>,
) -> Result<Json<UserRemoved>, Problem> {
    let name = name_of(&name)?;
    let removed = changed(site.store.remove_user(&name).await?, &name)?;
    let removed = removed.as_ref().map(UserView::from);
    asker.before(&removed);
    tracing::info!(user = %name, by = asker.name(None), "a user was removed");
    Ok(Json(UserRemoved { removed }))
}

/// The audit, newest first: who asked for what, when, from where, before and after
///
/// An action that was begun and has no end was cut off: look whether it was done. What has no source
/// is an effect that was written together with its change.
#[utoipa::path(get, path = "/api/v1/audit", tag = "people", params(AuditQuery), responses(
    (status = 200, description = "A page", body = AuditPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn audit(
    State(site): State<Site>,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Json<AuditPage>, Problem> {
    let Query(query) = query?;
    let (before, limit) = query.page()?;
    let mut records = site.store.records(&query.filter()?, before, limit + 1).await?;
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|last| last.id);
    Ok(Json(AuditPage { lines: records.into_iter().map(AuditView::from).collect(), next }))
}

fn name_of(text: &str) -> Result<UserName, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("name: {error}")))
}

fn grants_of(roles: &[String]) -> Result<Vec<Grant>, Problem> {
    if roles.len() > GRANTS {
        let sentence = format!("roles: are {}; give at most {GRANTS}", roles.len());
        return Err(Problem::malformed(sentence));
    }
    let read = |text: &String| {
        text.parse().map_err(|error| Problem::malformed(format!("roles: \"{text}\": {error}")))
    };
    let mut grants: Vec<Grant> = roles.iter().map(read).collect::<Result<_, _>>()?;
    grants.sort();
    grants.dedup();
    Ok(grants)
}

async fn known(site: &Site, name: &UserName) -> Result<Option<User>, Problem> {
    Ok(site.store.users().await?.into_iter().find(|user| user.name == *name))
}

fn changed(changed: UserChanged, name: &UserName) -> Result<Option<User>, Problem> {
    match changed {
        UserChanged::Done { before } => Ok(before),
        UserChanged::NoSuchUser => Err(Problem::no_such_user(name)),
        UserChanged::NoAdministrator => Err(Problem::conflict(
            "somebody must be administrator everywhere: give another user that role first",
        )),
        UserChanged::TooMany => {
            Err(Problem::conflict(format!("there are {USERS} users already; remove one first")))
        }
    }
}
