//! `sitegen build`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::output::{Summary, bar, exit_for, print_diagnostics, write_to};
use super::{CommandError, Exit, config_of, find_root, mode, signing};
use crate::cli::{Build, Global, OutputFormat};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Place, visible};
use crate::disk::{RECORDED_MARK, STATE_DIR, replace, write_new};
use crate::load::{Digests, Inputs, record};
use crate::memory::give_back;
use crate::pipeline::{self, Report};
use crate::write::{Changes, Keep, Lock, Lost, Stage, Target, WriteError, canonical};

/// A build that takes longer shows how far it is.
const PROGRESS_AFTER: Duration = Duration::from_secs(1);

pub(super) fn run(arguments: &Build, global: &Global) -> Result<Exit, CommandError> {
    let start = Instant::now();
    let mut mode = mode(&arguments.selection)?;
    mode.record = arguments.record;
    mode.locked = arguments.locked;
    mode.keep_going = arguments.keep_going;
    let root = find_root(global)?;
    let lock = Lock::take(&root)?;
    let known = if arguments.no_cache { Digests::default() } else { Digests::load(&root) };
    let config = config_of(&Inputs::read_config(&root, &global.config)?, mode.base_url.as_deref());
    let target = target_of(arguments, &root, &config)?;
    let output = target.output.clone();
    // What is known of the output is read beside the site.
    let (inputs, stage) = rayon::join(
        || Inputs::read_knowing(&root, &global.config, &known),
        || Stage::new(target, progress(global, start)),
    );
    let (mut inputs, stage) = (inputs?, stage?);
    inputs.studio.make_all();
    #[cfg(feature = "network")]
    crate::disk::keys::check_private(&root)?;
    let built = pipeline::build(&inputs, &mode, &stage);
    let mut report = built.map_err(WriteError::untouched)?;
    let (signer, problem) = signing::look(&root, &config, &mode)?;
    report.unusable |= problem.as_ref().is_some_and(Diagnostic::is_error);
    report.diagnostics.extend(problem);
    let exit = exit_for(&report, arguments.strict);
    let publish = (exit == Exit::Fine || arguments.keep_going) && !report.unusable;
    let mut changes = if publish {
        if let Some(signer) = &signer {
            signing::sign(&stage, signer, (&config, &mode), report.serial)?;
        }
        Some(publish_all(stage, &root, &report)?)
    } else {
        None
    };
    if let Some(changes) = changes.as_mut().filter(|_| !lock.is_held()) {
        changes.lost.push(Lost::Lock);
    }
    if let Some(changes) = &changes {
        report.diagnostics.extend(lost_notes(&changes.lost, &output));
        if !changes.taken.is_empty() {
            report.diagnostics.push(taken_note(&changes.taken, &output));
        }
        if global.verbose && global.format == OutputFormat::Human {
            tell_files(changes);
        }
    }
    if changes.is_some() {
        inputs.digests.save(&root);
        inputs.studio.forget_others();
    }
    give_back(inputs);
    print_diagnostics(&report, global);
    let summary = Summary {
        verb: "Built",
        strict: arguments.strict,
        can_keep_going: !report.unusable,
        report: &report,
        changes,
        time: start.elapsed(),
        exit,
    };
    let is_published = summary.changes.is_some();
    summary.print(global);
    if is_published {
        super::host::after_build(&report, global);
    }
    Ok(exit)
}

/// Names each file that has changed.
fn tell_files(changes: &Changes) {
    for (what, files) in [("written", &changes.written), ("removed", &changes.removed)] {
        let lines = files.iter().map(|file| format!("{what} {}\n", visible(file)));
        write_to(io::stdout(), &lines.collect::<String>());
    }
}

/// Writes `published.toml`, then the output: an id that is written down but not yet used is
/// harmless, one that is used but not written down is not. Before either, looks whether the
/// output can go where it should.
fn publish_all(stage: Stage, root: &Path, report: &Report) -> Result<Changes, CommandError> {
    let durable = stage.is_durable();
    let ready = stage.ready().map_err(WriteError::untouched)?;
    let file = root.join(record::FILE);
    let new = root.join(format!(".{}.new", record::FILE));
    match &report.record {
        Some(text) => replace(&file, &new, text.as_bytes(), durable)
            .map_err(|error| CommandError::Io(file.clone(), error))?,
        // A build that was stopped may have left it.
        None => drop(std::fs::remove_file(&new)),
    }
    // Not only when the record changes: a build may have been stopped just before.
    let mark = root.join(STATE_DIR).join(RECORDED_MARK);
    let failed = |error| CommandError::Io(mark.clone(), error);
    let recorded = file.try_exists().map_err(|error| CommandError::Io(file.clone(), error))?;
    if recorded && !mark.try_exists().map_err(failed)? {
        std::fs::create_dir_all(root.join(STATE_DIR))
            .and_then(|()| write_new(&mark, b""))
            .map_err(failed)?;
    }
    let is_preview = report.preview && report.record.is_none();
    if is_preview {
        note_preview(root, true)?;
    }
    let changes = ready.publish()?;
    if !is_preview {
        note_preview(root, false)?;
    }
    Ok(changes)
}

/// A file in the state folder that says that the last build was a preview.
const PREVIEW_MARK: &str = "preview";

/// Notes whether what was built is for upload.
fn note_preview(root: &Path, is_preview: bool) -> Result<(), CommandError> {
    let mark = root.join(STATE_DIR).join(PREVIEW_MARK);
    let noted = match (is_preview, mark.exists()) {
        (true, false) => {
            std::fs::create_dir_all(root.join(STATE_DIR)).and_then(|()| write_new(&mark, b""))
        }
        (false, true) => std::fs::remove_file(&mark),
        _ => Ok(()),
    };
    noted.map_err(|error| CommandError::Io(mark, error))
}

/// Whether the last build was one that is not for upload.
#[cfg(feature = "network")]
pub(super) fn is_preview(root: &Path) -> bool {
    root.join(STATE_DIR).join(PREVIEW_MARK).exists()
}

/// Says what could not be had where the output lies.
pub fn lost_notes(lost: &[Lost], output: &Path) -> Vec<Diagnostic> {
    let place = || Place::named(&output.to_string_lossy());
    let note = |lost: &Lost| match lost {
        Lost::AtOnce(reason) => Diagnostic::not_at_once(place(), reason),
        Lost::NoGap => Diagnostic::missing_for_a_moment(place()),
        Lost::Durable => Diagnostic::not_durable(place()),
        Lost::Lock => Diagnostic::not_locked(place()),
    };
    lost.iter().map(note).collect()
}

/// Says what of others' was overwritten or removed.
pub fn taken_note(taken: &[PathBuf], output: &Path) -> Diagnostic {
    Diagnostic::taken_over(Place::named(&output.to_string_lossy()), taken)
}

/// Where the output goes, and how.
fn target_of(arguments: &Build, root: &Path, config: &Config) -> Result<Target, WriteError> {
    let output = match &arguments.output_dir {
        // Relative to where we are.
        Some(folder) => folder.clone(),
        None => inside(root, root.join(&config.output_dir))?,
    };
    Ok(Target {
        root: root.to_path_buf(),
        output,
        force: arguments.force,
        keep: Keep(config.keep.clone()),
        durable: config.durable,
        distrust: arguments.no_cache,
        shared: None,
    })
}

/// The folder that `site.toml` names, if a site may name it.
fn inside(root: &Path, output: PathBuf) -> Result<PathBuf, WriteError> {
    // A site may come from anybody; where else to write on this machine is not its decision.
    let real = canonical(&output);
    if names_variable(&output, root) {
        let reason = "a name with `~` or `$`, which mean nothing here; write the path out";
        return Err(WriteError::UnsafeOutput { path: output, reason });
    }
    let hidden = |part: &std::ffi::OsStr| part.as_encoded_bytes().starts_with(b".");
    let is_plain = real.strip_prefix(root).is_ok_and(|path| !path.iter().any(hidden));
    if is_plain {
        return Ok(output);
    }
    let reason = "outside the site or hidden; only `--output-dir` may lead there";
    Err(WriteError::UnsafeOutput { path: output, reason })
}

/// Whether somebody meant the shell to put something in.
fn names_variable(output: &Path, root: &Path) -> bool {
    let name = output.strip_prefix(root).unwrap_or(output).to_string_lossy();
    name.starts_with('~') || name.contains('$')
}

/// How far it is, for a person who waits.
fn progress(global: &Global, start: Instant) -> impl Fn(usize, usize) + Send + Sync + 'static {
    let bar = bar(global, "{bar:40} {pos}/{len} files");
    move |done, total| {
        let Some(bar) = &bar else { return };
        if start.elapsed() < PROGRESS_AFTER {
            return;
        }
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        if done == total {
            bar.finish_and_clear();
        }
    }
}
