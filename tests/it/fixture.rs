//! A whole site in one string, so that the test of a feature is ten lines.
//!
//! ```text
//! -- content/news/first.md --
//! +++
//! title = "First"
//! +++
//! Text.
//! ```
//!
//! A site without `-- site.toml --` gets a small one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

use sitegen::artifact::Nowhere;
use sitegen::artifact::{Artifact, Body, Sink};
use sitegen::config::Mode;
use sitegen::diagnostic::{Diagnostic, Format, Printer};
use sitegen::load::Inputs;
use sitegen::pipeline::{self, Report};

/// The configuration of a site that does not say another.
const SITE_TOML: &str = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n";

/// The time of builds in tests.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

/// A site in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site {
    files: BTreeMap<String, Vec<u8>>,
    mode: Option<Mode>,
}

/// What came of building it.
pub(crate) struct Built {
    pub(crate) report: Report,
    pub(crate) artifacts: BTreeMap<String, Vec<u8>>,
}

/// Reads a site from its text form.
pub(crate) fn site(text: &str) -> Site {
    let mut site = Site::default();
    let mut current: Option<(String, String)> = None;
    for line in text.split_inclusive('\n') {
        let name = line.trim().strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --"));
        match (name, &mut current) {
            (Some(name), _) => {
                if let Some((path, content)) = current.take() {
                    site.files.insert(path, content.into_bytes());
                }
                current = Some((name.to_owned(), String::new()));
            }
            (None, Some((_, content))) => content.push_str(line),
            (None, None) => assert!(line.trim().is_empty(), "text before the first file: {line}"),
        }
    }
    if let Some((path, content)) = current {
        site.files.insert(path, content.into_bytes());
    }
    site.files.entry("site.toml".to_owned()).or_insert_with(|| SITE_TOML.as_bytes().to_vec());
    site
}

impl Site {
    /// Adds or replaces a file.
    pub(crate) fn with(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), content.as_ref().to_vec());
        self
    }

    /// The site without a file.
    pub(crate) fn without(&self, path: &str) -> Self {
        let mut site = self.clone();
        assert!(site.files.remove(path).is_some(), "there is no {path}");
        site
    }

    /// Adds lines to `site.toml`.
    pub(crate) fn config(mut self, lines: &str) -> Self {
        let config = self.files.entry("site.toml".to_owned()).or_default();
        config.extend_from_slice(lines.as_bytes());
        config.push(b'\n');
        self
    }

    /// Builds in another way.
    pub(crate) fn mode(mut self, change: impl FnOnce(&mut Mode)) -> Self {
        let mut mode = self.mode.take().unwrap_or_else(|| Mode::at(NOW.parse().unwrap()));
        change(&mut mode);
        self.mode = Some(mode);
        self
    }

    /// The files, for tests that write them somewhere.
    pub(crate) fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    pub(crate) fn inputs(&self) -> Inputs {
        Inputs::from_files(self.files.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])))
    }

    /// What is wrong with the site.
    pub(crate) fn check(&self) -> Report {
        self.build_into(&Nowhere)
    }

    /// Builds the site into a sink, whatever is wrong with it.
    pub(crate) fn build_into(&self, sink: &impl Sink<Error = Infallible>) -> Report {
        let mode = self.mode.clone().unwrap_or_else(|| Mode::at(NOW.parse().unwrap()));
        let Ok(report) = pipeline::build(&self.inputs(), &mode, sink);
        report
    }

    /// Builds the site, whatever is wrong with it.
    pub(crate) fn try_build(&self) -> Built {
        let memory = Memory { site: self, artifacts: Mutex::default() };
        let report = self.build_into(&memory);
        Built { report, artifacts: memory.artifacts.into_inner().unwrap() }
    }

    /// Builds a site that has no errors.
    #[track_caller]
    pub(crate) fn build(&self) -> Built {
        let built = self.try_build();
        assert!(!built.report.has_errors(), "{}", built.messages());
        built
    }
}

impl Built {
    /// The text of an output.
    #[track_caller]
    pub(crate) fn text(&self, path: &str) -> &str {
        let Some(bytes) = self.artifacts.get(path) else {
            panic!("no {path} among {:#?}", self.artifacts.keys());
        };
        std::str::from_utf8(bytes).unwrap()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.artifacts.contains_key(path)
    }

    /// The outputs whose path ends in some letters.
    pub(crate) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        let ending = self.artifacts.iter().filter(move |(path, _)| path.ends_with(end));
        ending.map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).unwrap()))
    }

    /// All diagnostics as people see them.
    pub(crate) fn messages(&self) -> String {
        let printer = Printer { format: Format::Human, colour: false };
        self.report.diagnostics.iter().map(|diagnostic| printer.text(diagnostic)).collect()
    }

    /// The codes of all diagnostics.
    pub(crate) fn codes(&self) -> Vec<&'static str> {
        self.report.diagnostics.iter().map(Diagnostic::code).collect()
    }
}

struct Memory<'a> {
    site: &'a Site,
    artifacts: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Sink for Memory<'_> {
    type Error = Infallible;

    fn accept(&self, artifact: Artifact) -> Result<(), Infallible> {
        let bytes = match artifact.body {
            Body::Bytes(bytes) => bytes,
            Body::Static(bytes) => bytes.to_vec(),
            Body::Copy(source) => self.site.files[source.as_str()].clone(),
        };
        let path = artifact.path.as_str().to_owned();
        let before = self.artifacts.lock().unwrap().insert(path.clone(), bytes);
        assert!(before.is_none(), "{path} was made twice");
        Ok(())
    }
}
