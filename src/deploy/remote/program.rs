//! Runs the programs of the system that know the way: `ssh`, `sftp`, `rsync`, `git`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use super::super::trouble::{Kind, Trouble};

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

/// Runs a program to its end with something to read. Each line of its output is told at once.
/// Messages are in English, for they are read here.
pub(super) fn run(
    name: &'static str,
    command: &mut Command,
    input: &[u8],
    told: &mut dyn FnMut(&str),
) -> Result<Ended, Trouble> {
    command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_started(name, &error))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut all, mut said) = (String::new(), Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that ends early says why; that it no longer reads does not matter then.
            if let Some(mut stdin) = stdin {
                let _ = stdin.write_all(input);
            }
        });
        let errors = scope.spawn(|| {
            if let Some(mut stderr) = stderr {
                let _ = stderr.read_to_end(&mut said);
            }
        });
        let mut lines = BufReader::new(
            stdout
                .into_iter()
                .fold(Box::new(io::empty()) as Box<dyn Read>, |_, stdout| Box::new(stdout)),
        );
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            told(text.trim_end_matches(['\n', '\r']));
            all.push_str(&text);
            line.clear();
        }
        let _ = errors.join();
    });
    let status = child.wait().map_err(|error| not_started(name, &error))?;
    let stderr = String::from_utf8_lossy(&said).into_owned();
    Ok(Ended { code: status.code(), is_fine: status.success(), stdout: all, stderr })
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
