//! What can go wrong between here and a target, in our words.
//!
//! The programs that are called say it in theirs; this is the only place that reads them.

use std::fmt;

/// So many letters of what others say are repeated.
const SAID_MAX: usize = 300;

/// Why a target could not be asked or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) kind: Kind,
    /// What the program or the server said, on one line.
    pub(crate) said: String,
}

/// What kind of trouble it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nobody here has ever seen the key of that machine.
    HostKeyUnknown,
    /// The machine has another key than before.
    HostKeyChanged,
    /// It does not let us in.
    NoEntry,
    /// There is no machine of that name.
    NoName,
    /// It does not answer.
    NoAnswer,
    /// The connection was lost.
    Lost,
    /// The server says that it cannot right now.
    Overloaded,
    /// The folder, bucket or repository is not there.
    NoPlace,
    /// We may not write there.
    NotAllowed,
    /// There is no room left.
    Full,
    /// The clock here is wrong, by so many seconds if that is known.
    Clock(Option<i64>),
    /// A program is missing here.
    NoProgram(&'static str),
    /// A program is missing there.
    NoProgramThere,
    /// There is no SFTP there.
    NoSftp,
    /// Somebody else has changed the target meanwhile.
    Overtaken,
    /// A file here is not what it was when the deploy began.
    Changed(String),
    /// A secret is missing, or where it should be is no good.
    NoSecret(String),
    /// A file there is larger than any ledger is.
    TooLarge,
    /// A path is longer than the program takes.
    LongName,
    /// Something of others is where a file or a folder of the site has to be.
    InTheWay,
    /// A folder there is a link that is not followed.
    Link,
    /// A folder of this machine cannot be changed, with what to do.
    Disk(String),
    Other,
}

/// What programs say, in small letters, and what they mean by it. The first that fits is taken.
const SAYINGS: &[(&[&str], Kind)] = &[
    (&["remote host identification has changed"], Kind::HostKeyChanged),
    (&["host key verification failed", "host key is known"], Kind::HostKeyUnknown),
    (
        &[
            "permission denied (publickey",
            "permission denied (password",
            "permission denied (keyboard",
            "permission denied (gssapi",
            "permission denied (hostbased",
            "too many authentication failures",
            "authentication failed",
            "could not read username",
            "could not read password",
            "invalid username or",
        ],
        Kind::NoEntry,
    ),
    (&["could not resolve host", "name or service not known"], Kind::NoName),
    (&["subsystem request failed"], Kind::NoSftp),
    (&["command not found", "rsync: not found"], Kind::NoProgramThere),
    (&["no space left on device", "quota exceeded"], Kind::Full),
    (&["too many levels of symbolic links"], Kind::Link),
    (&["not a directory", "is a directory"], Kind::InTheWay),
    (
        &[
            "failed to connect",
            "couldn't connect",
            "connection refused",
            "timed out",
            "no route to host",
            "unreachable",
        ],
        Kind::NoAnswer,
    ),
    (
        &[
            "connection closed",
            "connection reset",
            "broken pipe",
            "connection unexpectedly closed",
            "not responding",
            "lost connection",
            "closed by remote host",
            "the remote end hung up unexpectedly",
            "mux_client",
            "control socket",
        ],
        Kind::Lost,
    ),
    (&["does not appear to be a git repository", "repository not found"], Kind::NoPlace),
    (
        &["permission denied", "read-only", "operation not permitted", "protected branch"],
        Kind::NotAllowed,
    ),
    (&["no such file", "not found", "does not exist"], Kind::NoPlace),
    // `ssh` may end without a word, always with 255, and rsync does not know why.
    (&["unexplained error (code 255)"], Kind::Lost),
];

impl Trouble {
    pub(crate) fn new(kind: Kind, said: impl Into<String>) -> Self {
        let said: String = said.into();
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut said = lines.collect::<Vec<_>>().join("; ");
        if said.chars().count() > SAID_MAX {
            said = said.chars().take(SAID_MAX).chain(['…']).collect();
        }
        Self { kind, said }
    }

    /// A file that is too large to be what it should.
    pub(crate) fn too_large(path: &str) -> Self {
        Self::new(Kind::TooLarge, path)
    }

    /// Whether the same may work a moment later.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.kind, Kind::Lost | Kind::NoAnswer | Kind::Overloaded)
    }

    /// What a program that talks to another machine means by what it wrote to standard error.
    pub(crate) fn said_by_program(said: &str) -> Self {
        // `sftp` has no words for a server that goes away while a file is on its way.
        if said.trim().is_empty() {
            return Self::new(Kind::Lost, "");
        }
        // What SSH writes as decoration and as a matter of course says nothing.
        let noise = |line: &&str| {
            line.starts_with('@')
                || line.starts_with("Warning: Permanently added")
                || line.starts_with("Connected to ")
                || line.starts_with("rsync error: ") && said.lines().count() > 1
        };
        let lines: Vec<&str> = said.lines().filter(|line| !noise(line)).collect();
        // Names of files may say anything.
        let all = without_names(said).to_lowercase();
        let means = |(words, _): &&(&[&str], Kind)| words.iter().any(|word| all.contains(word));
        let kind = SAYINGS.iter().find(means).map_or(Kind::Other, |(_, kind)| kind.clone());
        Self::new(kind, lines.join("\n"))
    }

    /// What to do.
    pub(crate) fn help(&self) -> String {
        match &self.kind {
            Kind::Clock(off) => {
                let off = off.map_or_else(String::new, |off| {
                    let (side, seconds) = if off > 0 { ("ahead", off) } else { ("behind", -off) };
                    format!("it is {} {side}; ", minutes(seconds))
                });
                format!("{off}set the clock of this machine, best by `timedatectl set-ntp true`")
            }
            Kind::NoProgram(program) => format!("install `{program}` on this machine"),
            Kind::NoSecret(help) | Kind::Disk(help) => help.clone(),
            kind => advice(kind).to_owned(),
        }
    }
}

/// What to do where it is the same for all of a kind.
fn advice(kind: &Kind) -> &'static str {
    match kind {
        Kind::HostKeyUnknown => {
            "connect once with `ssh` by hand (`ssh -p PORT` where it has another one), compare \
             the fingerprint that it shows with the one your provider names, and say yes; then \
             deploy again"
        }
        Kind::HostKeyChanged => {
            "somebody may stand between you and the machine: ask your provider whether its key \
             has changed. Only if so, remove the old one with `ssh-keygen -R NAME` and connect \
             once by hand"
        }
        Kind::NoEntry => {
            "is the user name right, and does the target know your key? With SSH: `ssh-add -l` \
             lists the keys that are tried, and `ssh-copy-id USER@MACHINE` puts yours there. With \
             a store: look at the key and its secret"
        }
        Kind::NoName => {
            "look at the name in `to` or `endpoint`, and whether this machine is online"
        }
        Kind::NoAnswer => {
            "is the machine on, and the port right? Deploy again later: what has arrived is kept"
        }
        Kind::Lost | Kind::Overloaded => "deploy again: it goes on where it was interrupted",
        Kind::NoPlace => {
            "make the folder, the bucket or the repository first, and look at its name in `to`"
        }
        Kind::NotAllowed => "give the user or the key that deploys the right to write there",
        Kind::Full => "make room there, and deploy again: it goes on where it was interrupted",
        Kind::NoProgramThere => "install `rsync` there, or write `by = \"sftp\"`",
        Kind::NoSftp => "ask your provider for SFTP, or write `by = \"rsync\"`",
        Kind::Overtaken => {
            "get the changes of whoever has deployed meanwhile, and put everything there again: \
             `sitegen deploy --all --take-over`, for `deployed.txt` there knows only one of you"
        }
        Kind::Changed(_) => "run `sitegen build` again, and do not build while a deploy runs",
        Kind::TooLarge => {
            "what lies there is not from sitegen: look at the target, and delete the file when \
             nobody needs it"
        }
        Kind::LongName => "give the page or the file a shorter name",
        Kind::InTheWay => {
            "a file stands where a folder has to be, or the other way round: move it away there, \
             or rename the page here"
        }
        Kind::Link => {
            "rsync follows no link that leads out of the folder of the site any more, since \
             version 3.5: put a folder in its place there (`mount --bind` serves as one), or \
             write `by = \"sftp\"`"
        }
        Kind::Clock(_) | Kind::NoProgram(_) | Kind::NoSecret(_) | Kind::Disk(_) | Kind::Other => {
            "what stands above is what the other side said; the same question by hand may tell \
             more"
        }
    }
}

/// A text without what stands in double quotes, and without words that have a slash in them.
fn without_names(said: &str) -> String {
    let outside = said.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let is_name = |word: &&str| !word.contains('/') || word.starts_with('/') && word.len() < 2;
    outside.split_whitespace().filter(is_name).collect::<Vec<_>>().join(" ")
}

fn minutes(seconds: i64) -> String {
    if seconds < 120 { format!("{seconds} seconds") } else { format!("{} minutes", seconds / 60) }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match &self.kind {
            Kind::HostKeyUnknown => "the key of the machine is not known here",
            Kind::HostKeyChanged => "the machine has another key than before",
            Kind::NoEntry => "the target does not let us in",
            Kind::NoName => "there is no machine of that name",
            Kind::NoAnswer => "the target does not answer",
            Kind::Lost => "the connection was lost",
            Kind::Overloaded => "the target cannot right now",
            Kind::NoPlace => "the place is not there",
            Kind::NotAllowed => "we may not write there",
            Kind::Full => "there is no room left there",
            Kind::Clock(_) => "the clock of this machine is wrong",
            Kind::NoProgram(program) => return write!(f, "`{program}` is not on this machine"),
            Kind::NoProgramThere => "`rsync` is not on the target",
            Kind::NoSftp => "the target knows no SFTP",
            Kind::Overtaken => "another deploy has changed the target meanwhile",
            Kind::Changed(path) => return write!(f, "{path} has changed since the deploy began"),
            Kind::NoSecret(_) => "the key is missing",
            Kind::TooLarge => "`deployed.txt` there is larger than it can be",
            Kind::LongName => "a path is too long for `sftp`",
            Kind::InTheWay => "something is in the way there",
            Kind::Link => "a folder there is a link to somewhere else",
            Kind::Disk(_) => return f.write_str(&self.said),
            Kind::Other => "the target could not be used",
        };
        f.write_str(what)?;
        if !self.said.is_empty() {
            write!(f, " ({})", self.said)?;
        }
        Ok(())
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_is_understood() {
        for (said, kind) in [
            ("Host key verification failed.", Kind::HostKeyUnknown),
            (
                "@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key \
                 verification failed.",
                Kind::HostKeyChanged,
            ),
            ("me@web: Permission denied (publickey,password).", Kind::NoEntry),
            ("ssh: Could not resolve hostname web: Name or service not known", Kind::NoName),
            ("ssh: connect to host web port 22: Connection refused", Kind::NoAnswer),
            ("client_loop: send disconnect: Broken pipe", Kind::Lost),
            ("rsync: connection unexpectedly closed (0 bytes received so far)", Kind::Lost),
            ("rsync: mkstemp failed: Permission denied (13)", Kind::NotAllowed),
            ("rsync: write failed on \"x\": No space left on device (28)", Kind::Full),
            ("bash: line 1: rsync: command not found", Kind::NoProgramThere),
            ("mkdir \"/x\" failed: Too many levels of symbolic links (40)", Kind::Link),
            ("Connection to web closed by remote host.", Kind::Lost),
            ("subsystem request failed on channel 0", Kind::NoSftp),
            ("fatal: '/x' does not appear to be a git repository", Kind::NoPlace),
            ("remote mkdir \"/srv/quota exceeded/timed out\": Failure", Kind::Other),
            ("something new", Kind::Other),
            (
                "rsync error: unexplained error (code 255) at main.c(1394) [sender=3.5.0]",
                Kind::Lost,
            ),
            ("", Kind::Lost),
        ] {
            assert_eq!(Trouble::said_by_program(said).kind, kind, "{said}");
        }
    }
}
