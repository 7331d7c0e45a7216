//! `gouxuan secret`: what tasks are signed with. A value comes on standard input and is never told.

use super::{NotDone, Outcome, WrongUse, print, reach::reach};
use crate::{cli::SecretAction, config::Config};
use console::Client;
use fleet::ports::secrets::Password;
use std::io::Read;

/// Bytes that are read at most: more is no secret.
const BYTES: u64 = 64 << 10;

pub(super) async fn run(config: &Config, action: SecretAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: SecretAction, json: bool) -> Outcome {
    match action {
        SecretAction::Set { name } => {
            let kept = client.keep_secret(&name, &value()?).await?;
            say(&kept, json, &format!("{} is stored", kept.name))
        }
        SecretAction::List => {
            let known = client.secret_names().await?;
            say(&known, json, &known.names.join("\n"))
        }
        SecretAction::Remove { name } => {
            let done = client.remove_secret(&name).await?;
            if done.removed {
                return say(&done, json, &format!("{name} is removed"));
            }
            say(&done, json, "")?;
            Err(NotDone(format!(
                "{name} is no stored secret; `gouxuan secret list` says which are"
            ))
            .into())
        }
    }
}

fn say(done: &impl serde::Serialize, json: bool, sentence: &str) -> Outcome {
    match (json, sentence) {
        (true, _) => print(&serde_json::to_string(done)?),
        (false, "") => Ok(()),
        (false, sentence) => print(sentence),
    }
}

/// All of standard input, without the line's end.
fn value() -> Result<Password, Box<dyn std::error::Error + Send + Sync>> {
    let mut text = String::new();
    std::io::stdin().take(BYTES).read_to_string(&mut text)?;
    let value = text.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        let sentence = "standard input is empty; write the secret to it, such as with `read -rs`";
        return Err(WrongUse(sentence.to_owned()).into());
    }
    Ok(Password::new(value))
}
