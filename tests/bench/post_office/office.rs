//! The post office as a process, seen from outside.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How long it may take until it answers.
const START_MAX: Duration = Duration::from_secs(30);

/// `sitegen inbox`, until this is dropped.
pub(crate) struct Office {
    child: Child,
    log: PathBuf,
    pub(crate) port: u16,
}

impl Office {
    /// Starts it in a folder, on one core when it is named, and waits until it has looked at the
    /// site.
    pub(crate) fn start(
        binary: &Path,
        folder: &Path,
        port: u16,
        core: Option<&str>,
    ) -> Outcome<Self> {
        let log = folder.join("log");
        let mut command = match core {
            None => Command::new(binary),
            Some(core) => {
                let mut command = Command::new("taskset");
                command.args(["-c", core]).arg(binary);
                command
            }
        };
        command.args(["inbox", "--root"]).arg(folder);
        let child = command.stdin(Stdio::null()).stderr(File::create(&log)?).spawn()?;
        let mut office = Self { child, log, port };
        let until = Instant::now() + START_MAX;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > until || office.child.try_wait()?.is_some() {
                return Err(format!("the post office does not start:\n{}", office.said()?).into());
            }
            sleep(Duration::from_millis(5));
        }
        Ok(office)
    }

    /// What it has said.
    fn said(&self) -> Outcome<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Waits until it says something.
    pub(crate) fn wait_for(&self, text: &str) -> Outcome<()> {
        let until = Instant::now() + START_MAX;
        while !self.said()?.contains(text) {
            if Instant::now() > until {
                return Err(
                    format!("the post office never says `{text}`:\n{}", self.said()?).into()
                );
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// A number of `/proc/PID/status`, such as `Threads`; sizes are in KiB.
    pub(crate) fn status(&self, name: &str) -> Outcome<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = value.and_then(|value| value.split_whitespace().next());
        Ok(number.ok_or_else(|| format!("/proc says no {name}"))?.parse()?)
    }

    /// For how long a core has worked for it, in seconds.
    pub(crate) fn core_seconds(&self) -> Outcome<f64> {
        let mut all = Duration::ZERO;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            all += Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?);
        }
        Ok(all.as_secs_f64())
    }

    /// Its memory now.
    pub(crate) fn mib(&self) -> Outcome<f64> {
        self.in_mib("VmRSS")
    }

    /// The most memory that it has had.
    pub(crate) fn peak_mib(&self) -> Outcome<f64> {
        self.in_mib("VmHWM")
    }

    fn in_mib(&self, name: &str) -> Outcome<f64> {
        Ok(f64::from(u32::try_from(self.status(name)?)?) / 1024.0)
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = (self.child.kill(), self.child.wait());
    }
}
