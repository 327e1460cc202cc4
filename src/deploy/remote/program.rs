//! Runs the programs of the system that know the way: `ssh`, `sftp`, `rsync`, `git`.

use core::time::Duration;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};

use super::super::trouble::{Kind, Trouble};

/// A program that says nothing for so long is ended. `sftp` says nothing while a file is on its
/// way, and a large one over a slow line takes long.
const SILENCE_MAX: Duration = Duration::from_secs(1800);

/// All that a program may say, in bytes: the other side may be anybody.
const OUTPUT_BYTES_MAX: u64 = 256 << 20;

/// What came of a program.
pub(super) struct Ended {
    /// What it ended with; none when it was killed.
    pub(super) code: Option<i32>,
    pub(super) is_fine: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Ended {
    /// Its output, or what is wrong.
    pub(super) fn fine(self) -> Result<String, Trouble> {
        if self.is_fine { Ok(self.stdout) } else { Err(self.trouble()) }
    }

    pub(super) fn trouble(&self) -> Trouble {
        Trouble::said_by_program(&self.stderr)
    }
}

/// Whether somebody is there to answer a question, such as for a password.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Runs a program to its end with something to read. Each line of its output is told at once.
/// Messages are in English, for they are read here.
pub(super) fn run(
    name: &'static str,
    command: &mut Command,
    input: &[u8],
    told: &mut dyn FnMut(&str),
) -> Result<Ended, Trouble> {
    run_for(SILENCE_MAX, name, command, input, told)
}

fn run_for(
    silence: Duration,
    name: &'static str,
    command: &mut Command,
    input: &[u8],
    told: &mut dyn FnMut(&str),
) -> Result<Ended, Trouble> {
    command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_started(name, &error))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut all, mut said, mut is_silent) = (String::new(), Vec::new(), false);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that ends early says why; that it no longer reads does not matter then.
            if let Some(mut stdin) = stdin {
                let _ = stdin.write_all(input);
            }
        });
        scope.spawn(|| {
            if let Some(stderr) = stderr {
                let _ = stderr.take(OUTPUT_BYTES_MAX).read_to_end(&mut said);
            }
        });
        let (tell, lines) = mpsc::channel();
        scope.spawn(move || {
            for line in stdout.into_iter().flat_map(lines_of) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        loop {
            match lines.recv_timeout(silence) {
                Ok(line) => {
                    told(line.trim_end_matches(['\n', '\r']));
                    all.push_str(&line);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    is_silent = true;
                    let _ = child.kill();
                    break;
                }
            }
        }
    });
    if is_silent {
        let _ = child.wait();
        let said = format!("{name} has said nothing for {} minutes", silence.as_secs() / 60);
        return Err(Trouble::new(Kind::Lost, said));
    }
    let status = child.wait().map_err(|error| not_started(name, &error))?;
    let stderr = String::from_utf8_lossy(&said).into_owned();
    Ok(Ended { code: status.code(), is_fine: status.success(), stdout: all, stderr })
}

/// The lines of an output, up to a limit.
fn lines_of(stdout: impl Read) -> impl Iterator<Item = String> {
    let mut stdout = BufReader::new(stdout.take(OUTPUT_BYTES_MAX));
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        let length = stdout.read_until(b'\n', &mut line).ok()?;
        (length > 0).then(|| String::from_utf8_lossy(&line).into_owned())
    })
}

/// The same, for a program whose output is looked at when it is done.
pub(super) fn run_quietly(
    name: &'static str,
    command: &mut Command,
    input: &[u8],
) -> Result<Ended, Trouble> {
    run(name, command, input, &mut |_| {})
}

fn not_started(name: &'static str, error: &io::Error) -> Trouble {
    if error.kind() == io::ErrorKind::NotFound {
        return Trouble::new(Kind::NoProgram(name), "");
    }
    Trouble::new(Kind::Other, format!("{name}: {error}"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_program_that_says_nothing_more_is_ended() {
        let mut lines = Vec::new();
        let mut told = |line: &str| lines.push(line.to_owned());
        let silence = Duration::from_millis(100);
        let mut program = shell("echo one; exec sleep 600");
        let ended = run_for(silence, "sh", &mut program, b"", &mut told);
        assert_eq!(ended.err().map(|trouble| trouble.kind), Some(Kind::Lost));
        assert_eq!(lines, ["one"]);
    }

    #[test]
    fn a_program_that_does_not_read_says_why() {
        let input = vec![b'x'; 1 << 20];
        let ended = run_quietly("sh", &mut shell("echo full >&2; exit 7"), &input).ok();
        let ended = ended.map(|ended| (ended.code, ended.stderr));
        assert_eq!(ended, Some((Some(7), "full\n".to_owned())));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let ended = run_quietly("no-such", &mut Command::new("no-such-program"), b"");
        assert_eq!(ended.err().map(|trouble| trouble.kind), Some(Kind::NoProgram("no-such")));
    }
}
