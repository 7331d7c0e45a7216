//! Secrets sealed with ChaCha20-Poly1305 (RFC 8439): a random nonce before each, the name bound to
//! it, so that a sealed secret moved to another name does not open.

use domain::secret::SecretName;
use fleet::ports::secrets::{NotSealed, Password, Sealed, Vault};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The text is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no key: it must be 64 hexadecimal digits, such as `openssl rand -hex 32` prints")]
pub struct NotAKey;

/// A vault with its key in memory.
pub struct KeyedVault {
    key: LessSafeKey,
    random: SystemRandom,
}

impl fmt::Debug for KeyedVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedVault(***)")
    }
}

impl KeyedVault {
    /// A vault with this key, as 64 hexadecimal digits.
    pub fn new(key: &SecretString) -> Result<KeyedVault, NotAKey> {
        let bytes = bytes_of(key.expose_secret().trim()).ok_or(NotAKey)?;
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| NotAKey)?;
        Ok(KeyedVault { key: LessSafeKey::new(key), random: SystemRandom::new() })
    }

    /// A new key.
    pub fn fresh_key() -> Result<SecretString, NotSealed> {
        let mut bytes = [0; KEY_BYTES];
        SystemRandom::new().fill(&mut bytes).map_err(|_| NotSealed)?;
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(text.into())
    }
}

fn bytes_of(hex: &str) -> Option<[u8; KEY_BYTES]> {
    if hex.len() != 2 * KEY_BYTES || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; KEY_BYTES];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some(bytes)
}

impl Vault for KeyedVault {
    fn seal(&self, name: &SecretName, secret: &Password) -> Result<Sealed, NotSealed> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| NotSealed)?;
        let mut text = secret.spoken().as_bytes().to_vec();
        let bound = Aad::from(name.as_str().as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut text)
            .map_err(|_| NotSealed)?;
        Ok(Sealed([&nonce[..], &text].concat()))
    }

    fn open(&self, name: &SecretName, sealed: &Sealed) -> Option<Password> {
        let (nonce, text) = sealed.0.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let bound = Aad::from(name.as_str().as_bytes());
        let open = self.key.open_in_place(nonce, bound, &mut text).ok()?;
        Some(Password::new(String::from_utf8(open.to_vec()).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::KeyedVault;
    use domain::secret::SecretName;
    use fleet::ports::secrets::{Password, Sealed, Vault};

    fn vault(digit: &str) -> KeyedVault {
        KeyedVault::new(&digit.repeat(64).into()).expect("a key")
    }

    fn name(text: &str) -> SecretName {
        text.parse().expect("a name")
    }

    #[test]
    fn a_secret_opens_under_its_name_and_key_alone() {
        let (ours, secret) = (vault("a"), Password::new("密码 pass"));
        let sealed = ours.seal(&name("one"), &secret).expect("sealed");
        assert_eq!(ours.open(&name("one"), &sealed), Some(secret.clone()));
        assert_eq!(ours.open(&name("two"), &sealed), None, "bound to its name");
        assert_eq!(vault("b").open(&name("one"), &sealed), None, "another key");
        for n in 0..sealed.0.len() {
            let mut damaged = sealed.clone();
            damaged.0[n] ^= 1;
            assert_eq!(ours.open(&name("one"), &damaged), None, "byte {n}");
        }
        assert_eq!(ours.open(&name("one"), &Sealed(Vec::new())), None);
        let again = ours.seal(&name("one"), &secret).expect("sealed");
        assert_ne!(sealed.0[..12], again.0[..12], "a nonce of its own");
        let text = secret.spoken().as_bytes();
        assert!(!sealed.0.windows(text.len()).any(|part| part == text));
        assert!(format!("{ours:?} {secret:?} {sealed:?}").contains("***"));
    }

    #[test]
    fn keys_are_64_hexadecimal_digits() {
        let fresh = KeyedVault::fresh_key().expect("random numbers");
        assert!(KeyedVault::new(&fresh).is_ok());
        for wrong in ["", "ab", &"g".repeat(64), &"a".repeat(65), &"é".repeat(32)] {
            assert!(KeyedVault::new(&wrong.to_owned().into()).is_err(), "{wrong}");
        }
    }
}
