//! The key that stored secrets are sealed with.

use crate::{
    config::Config,
    wiring::{WiringError, embedded_file},
};
use fleet::ports::secrets::Vault;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};
use store::vault::KeyedVault;

/// The file beside an embedded store.
const FILE: &str = "secrets.key";

/// The vault of the key that is set, of the file that is named, or of the embedded store's own.
/// None: there is no key, and stored secrets cannot be used.
pub(crate) fn vault(config: &Config) -> Result<Option<Arc<dyn Vault>>, WiringError> {
    if let Some(key) = Config::url(&config.secrets.key) {
        return vault_of("secrets.key", &key.to_owned().into());
    }
    if !config.secrets.key_file.as_os_str().is_empty() {
        return vault_of("secrets.key_file", &read(&config.secrets.key_file)?);
    }
    let own = embedded_file(config).and_then(|file| Some(file.parent()?.join(FILE)));
    match own {
        Some(file) => vault_of("secrets.key_file", &own_key(&file)?),
        None => Ok(None),
    }
}

fn vault_of(
    setting: &'static str,
    key: &SecretString,
) -> Result<Option<Arc<dyn Vault>>, WiringError> {
    match KeyedVault::new(key) {
        Ok(vault) => Ok(Some(Arc::new(vault))),
        Err(wrong) => Err(WiringError::Setting(setting, wrong.to_string())),
    }
}

fn failed(file: &Path, error: &dyn std::fmt::Display) -> WiringError {
    WiringError::Setting("secrets.key_file", format!("{}: {error}", file.display()))
}

fn read(file: &Path) -> Result<SecretString, WiringError> {
    fs::read_to_string(file).map(SecretString::from).map_err(|error| failed(file, &error))
}

/// Made once, for its owner's eyes alone.
fn own_key(file: &Path) -> Result<SecretString, WiringError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut made = match made {
        Ok(made) => made,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return read(file),
        Err(error) => return Err(failed(file, &error)),
    };
    let key = KeyedVault::fresh_key().map_err(|error| failed(file, &error))?;
    let written = made.write_all(key.expose_secret().as_bytes()).and_then(|()| made.sync_all());
    written.map_err(|error| failed(file, &error))?;
    Ok(key)
}
