//! `sitegen host show`.

use std::io;

use super::output::{print_diagnostics, write_to};
use super::{CommandError, Exit, mode, read_inputs};
use crate::cli::{Global, HostShow, OutputFormat};
use crate::config;
use crate::pipeline::{Hosted, Reached, Report};

/// Shows what the host of the site has to do.
pub(super) fn show(arguments: &HostShow, global: &Global) -> Result<Exit, CommandError> {
    let (root, inputs) = read_inputs(global)?;
    let mode = mode(&arguments.selection)?;
    if let Some(host) = &arguments.host
        && !Hosted::names().contains(&host.as_str())
    {
        let names = Hosted::names().join(", ");
        let message = format!("there is no host `{host}`; those that sitegen knows are {names}");
        return Err(CommandError::Usage(message));
    }
    let (hosted, report) = Hosted::load(&inputs, &mode, arguments.host.as_deref());
    let folder = arguments.folder.clone().unwrap_or_else(|| {
        let empty = crate::diagnostic::Source::new(crate::path::SourcePath::new(config::FILE), "");
        let (config, _) = config::read(inputs.config.as_ref().unwrap_or(&empty), None);
        root.join(config.output_dir)
    });
    let Some(hosted) = hosted.filter(|_| !report.has_errors()) else {
        print_diagnostics(&report, global);
        return Ok(Exit::SiteErrors);
    };
    let folder = folder.to_string_lossy();
    let snippet = hosted.snippet(&folder);
    match global.format {
        OutputFormat::Human => {
            // What goes into a file, and what a person reads, can be told apart.
            write_to(io::stdout(), snippet.as_deref().unwrap_or_default());
            write_to(io::stderr(), &notes(&hosted, snippet.is_some()));
        }
        OutputFormat::Json => {
            let reached = hosted.reached();
            let line = serde_json::json!({
                "version": 1, "kind": "host", "host": hosted.host(), "snippet": snippet,
                "files": hosted.files(), "level": reached.map(|reached| reached.level),
                "missing": reached.map(|reached| &reached.missing), "bluesky": hosted.bluesky(),
            });
            write_to(io::stdout(), &format!("{line}\n"));
        }
    }
    Ok(Exit::Fine)
}

fn notes(hosted: &Hosted, has_snippet: bool) -> String {
    let mut text = String::new();
    let files = hosted.files();
    if has_snippet {
        text.push_str(&format!("\nThe above is for {}.\n", hosted.host()));
    }
    if !files.is_empty() {
        let (host, files) = (hosted.host(), files.join(", "));
        text.push_str(&format!("A build writes what {host} reads: {files}.\n"));
    } else if !has_snippet {
        text.push_str(&format!("{} has nothing to be told.\n", hosted.host()));
    }
    text.push_str(&hosted.reached().map(reached_text).unwrap_or_default());
    for lines in hosted.bluesky() {
        text.push_str(&lines);
    }
    text
}

/// What a build says about the accounts of the site.
pub(super) fn reached_text(reached: &Reached) -> String {
    let Reached { handles, level, missing } = reached;
    let mut text = format!("On the fediverse: {}: {level}.\n", handles.join(", "));
    for reason in missing {
        text.push_str(&format!("  - {reason}.\n"));
    }
    text
}

/// The same after a build.
pub(super) fn after_build(report: &Report, global: &Global) {
    if global.format == OutputFormat::Human && !global.quiet && !report.preview {
        let text = report.reached.as_ref().map(reached_text).unwrap_or_default();
        write_to(io::stdout(), &text);
    }
}
