//! One connection by SSH that all programs of a deploy share.
//!
//! It is opened once, so that somebody who has to type a password types it once, and so that what
//! is wrong with name, key or host key is told by one program. The user's own configuration,
//! agent and list of known machines are in force.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::trouble::{Kind, Trouble};
use super::named_file;
use super::program::{can_ask, run_quietly};
use crate::config::Shell;

/// A connection that ends by itself after so many seconds without work, should we not come to it.
const PERSIST_SECONDS: u32 = 60;

/// How `ssh` is told to leave a server that has fallen silent, and not to ask where nobody answers.
pub(super) fn manners() -> [String; 4] {
    let asks = if can_ask() { "no" } else { "yes" };
    [
        "ConnectTimeout=20".to_owned(),
        "ServerAliveInterval=15".to_owned(),
        "ServerAliveCountMax=4".to_owned(),
        format!("BatchMode={asks}"),
    ]
}

/// An open connection. Dropped, it is closed.
pub(super) struct Connection {
    host: String,
    /// Options of every program that uses it.
    options: Vec<String>,
    /// A folder of our own, which has the socket in it.
    folder: PathBuf,
}

impl Connection {
    pub(super) fn open(shell: &Shell, root: &Path) -> Result<Self, Trouble> {
        let folder = private_folder()?;
        let path = |name: &String| named_file(root, name).to_string_lossy().into_owned();
        let mut options = Vec::new();
        if let Some(config) = &shell.ssh_config {
            options.extend(["-F".to_owned(), path(config)]);
        }
        for (key, file) in [("key_file", &shell.key_file), ("ssh_config", &shell.ssh_config)] {
            if let Some(path) = file.as_ref().map(path).filter(|path| !Path::new(path).exists()) {
                let help = format!("look at `{key}` in site.toml");
                return Err(Trouble::new(Kind::NoSecret(help), format!("there is no {path}")));
            }
        }
        if let Some(key) = &shell.key_file {
            options.extend(["-i".to_owned(), path(key), "-o".to_owned()]);
            options.push("IdentitiesOnly=yes".to_owned());
        }
        let mut set = |option: String| options.extend(["-o".to_owned(), option]);
        if let Some(port) = shell.port {
            set(format!("Port={port}"));
        }
        manners().into_iter().for_each(&mut set);
        set(format!("ControlPath={}", folder.join("ssh").display()));
        let connection = Self { host: shell.host.clone(), options, folder };
        connection.connect()?;
        Ok(connection)
    }

    fn connect(&self) -> Result<(), Trouble> {
        // The process that stays would keep a pipe open, and who reads it waiting.
        let said = self.folder.join("said");
        let failed = |error: std::io::Error| Trouble::new(Kind::Other, error.to_string());
        let stderr = File::create(&said).map_err(failed)?;
        let mut command = Command::new("ssh");
        command.args(&self.options).args(["-o", "ControlMaster=yes", "-fN", "-o"]);
        command.arg(format!("ControlPersist={PERSIST_SECONDS}")).args(["--", &self.bare()]);
        command.stdin(Stdio::inherit()).stdout(Stdio::null()).stderr(stderr);
        let status = command.status().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Trouble::new(Kind::NoProgram("ssh"), ""),
            _ => failed(error),
        })?;
        if status.success() {
            return Ok(());
        }
        Err(Trouble::said_by_program(&fs::read_to_string(&said).unwrap_or_default()))
    }

    /// Opens it again when it was lost.
    pub(super) fn ensure(&self) -> Result<(), Trouble> {
        if self.control("check")? { Ok(()) } else { self.connect() }
    }

    fn control(&self, verb: &str) -> Result<bool, Trouble> {
        let mut command = Command::new("ssh");
        command.args(&self.options).args(["-O", verb, "--", &self.bare()]);
        Ok(run_quietly("ssh", &mut command, b"")?.is_fine)
    }

    /// What a program needs to use it, one argument each.
    pub(super) fn options(&self) -> &[String] {
        &self.options
    }

    /// The host as `ssh` wants it: an address of IPv6 has no brackets there.
    fn bare(&self) -> String {
        self.host.replace(['[', ']'], "")
    }

    /// `me@web.example`
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// A place for files that only live as long as the connection.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let _ = self.control("exit");
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Makes a folder that nobody else can look into. The path of a socket is short, so it is not in
/// the folder of the site.
fn private_folder() -> Result<PathBuf, Trouble> {
    let failed = |error: String| Trouble::new(Kind::Other, error);
    let number = getrandom::u64().map_err(|error| failed(error.to_string()))?;
    let folder = std::env::temp_dir().join(format!("sitegen-{number:016x}"));
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
    Ok(folder)
}
