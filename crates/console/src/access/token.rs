//! Tokens: made once, told once, kept as their hash.

use crate::problem::Problem;
use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use fleet::ports::people::TokenHash;
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};

/// Random bytes of a token: nobody guesses it, so that a plain hash keeps it.
const BYTES: usize = 32;

/// A new token, such as people put into their settings.
pub(crate) fn fresh_token() -> Result<String, Problem> {
    let mut bytes = [0; BYTES];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| Problem::away("this machine has no random numbers now; try again"))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("gx_{digits}"))
}

pub(crate) fn hash_of(token: &str) -> TokenHash {
    let hash = digest::digest(&digest::SHA256, token.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.as_ref());
    TokenHash(bytes)
}

/// The token that a request shows: `Bearer TOKEN`, or as a browser's password.
pub(super) fn shown(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = text.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    pair.split_once(':').map(|(_, token)| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{fresh_token, hash_of, shown};
    use axum::http::{HeaderMap, HeaderValue, header};

    fn of(value: &str) -> Option<String> {
        let value = HeaderValue::from_str(value).expect("a header");
        shown(&HeaderMap::from_iter([(header::AUTHORIZATION, value)]))
    }

    #[test]
    fn a_token_comes_by_itself_or_as_a_browsers_password() {
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of("bearer  abc ").as_deref(), Some("abc"));
        assert_eq!(of("Basic d2FuZzphYmM=").as_deref(), Some("abc"));
        for nothing in ["abc", "Digest x", "Basic ???", "Basic YWJj"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
        assert_eq!(shown(&HeaderMap::new()), None);
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let (one, two) = (fresh_token().expect("a token"), fresh_token().expect("a token"));
        assert_eq!(one.len(), 3 + 64);
        assert_ne!(one, two);
        assert_ne!(hash_of(&one), hash_of(&two));
        assert_eq!(hash_of(&one), hash_of(&one));
    }
}
