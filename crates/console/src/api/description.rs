//! What every request may be answered with besides its own answers.

use crate::access::{Need, need_of};
use utoipa::openapi::{
    Components, OpenApi as Description, Ref, ResponseBuilder,
    content::ContentBuilder,
    path::{Operation, PathItem},
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

/// The security scheme's name: the token of a user.
const TOKEN: &str = "token";

/// Adds to each request the problems that the site itself answers with, and the token that it asks for.
pub(super) fn complete(mut description: Description) -> Description {
    let components = description.components.get_or_insert_with(Components::new);
    components.add_security_scheme(TOKEN, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations(item) {
            complete_one(operation, need_of(method, path).unwrap_or(Need::Known));
        }
    }
    description
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, .. } = item;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn complete_one(operation: &mut Operation, need: Need) {
    let body = operation.request_body.is_some();
    let asks = body || operation.parameters.is_some();
    let known = need != Need::Open;
    let problems = [
        (asks, "400", "A part of the request cannot be read"),
        (known, "401", "There are users, and no token of any was shown"),
        (known, "403", "The user has no right to it"),
        (body, "413", "The body is too large"),
        (body, "415", "The body's content type cannot be read"),
        (known, "503", "The store is away; nothing was done"),
        (known, "504", "No answer in time; it may have been done, and asking again is safe"),
    ];
    for (_, status, sentence) in problems.into_iter().filter(|problem| problem.0) {
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_owned()).or_insert_with(|| problem(sentence).into());
    }
    if known {
        let token = SecurityRequirement::new::<_, [&str; 0], &str>(TOKEN, []);
        // As long as there are no users, nobody is asked for one.
        operation.security = Some(vec![SecurityRequirement::default(), token]);
    }
}

fn problem(sentence: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(sentence).content("application/json", content).build()
}
