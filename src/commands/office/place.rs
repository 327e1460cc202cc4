//! The folder of the post office as the commands for followers see it.

use std::fs;
use std::path::Path;

use super::Place;
use crate::commands::CommandError;
use crate::config;
use crate::diagnostic::{Source, nearest};
use crate::disk::STATE_DIR;
use crate::federation::Local;
use crate::office::settings::{self, Settings};
use crate::office::store::{self, Store};
use crate::path::SourcePath;
use crate::write::canonical;

impl Place {
    /// Opens the followers, who have to be there.
    pub(super) fn store(&self) -> Result<Store, CommandError> {
        let path = self.store_path();
        // Whoever may not look into the folder must not be told that nobody follows.
        let is_there = path.try_exists().map_err(|error| CommandError::Io(path.clone(), error))?;
        if !is_there {
            return Err(CommandError::Usage(format!(
                "nobody follows yet: there is no {}; it comes with the first run of `sitegen \
                 inbox` or `sitegen deliver`, or from `sitegen restore FILE`",
                path.display()
            )));
        }
        Ok(Store::open(&path)?)
    }

    /// Opens the followers, or makes a file for them.
    pub(super) fn store_or_new(&self) -> Result<Store, CommandError> {
        Ok(Store::open(&self.store_path())?)
    }

    /// The account of that name.
    pub(super) fn local(&self, user: &str) -> Result<&Local, CommandError> {
        let name = user.trim_start_matches('@');
        self.settings.actor(name).ok_or_else(|| {
            let known = || self.settings.actors.iter().map(|local| local.user.as_str());
            let hint = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there is {}", known().collect::<Vec<_>>().join(", ")),
            };
            CommandError::Usage(format!("`{user}` is no account in {}; {hint}", settings::FILE))
        })
    }

    /// That account, or all.
    pub(super) fn locals(&self, user: Option<&str>) -> Result<Vec<&Local>, CommandError> {
        match user {
            Some(user) => Ok(vec![self.local(user)?]),
            None => Ok(self.settings.actors.iter().collect()),
        }
    }

    /// When an answer that is in the queue now is sent.
    pub(super) fn when_sent(&self) -> &'static str {
        if store::is_at_work(&self.store_path()) {
            "The post office tells their server within a minute."
        } else {
            "Their server is told when the post office next runs: `sitegen inbox`, or one round of \
             `sitegen deliver`."
        }
    }

    /// Refuses to work where everybody could read the keys and who follows.
    pub(super) fn check_hidden(&self) -> Result<(), CommandError> {
        let state = canonical(&self.root.join(STATE_DIR));
        let folder = self.settings.folder.as_ref().map(|folder| canonical(&self.root.join(folder)));
        match folder.filter(|folder| state.starts_with(folder)) {
            None => Ok(()),
            Some(folder) => Err(CommandError::Usage(format!(
                "{}, with the private keys and the followers, is in {}, from where it gets onto \
                 the web; move it and {} to a folder that is not public",
                state.display(),
                folder.display(),
                settings::FILE
            ))),
        }
    }

    /// Refuses a new file where it would be published.
    pub(super) fn check_private(&self, file: &Path, config: &str) -> Result<(), CommandError> {
        let folder = published_folder(&self.root, &self.settings, file, config);
        let Some(folder) = folder else { return Ok(()) };
        Err(CommandError::Usage(format!(
            "{} is in {folder}, from where it gets onto the web or into the repository; name a \
             file elsewhere, such as ~/{}",
            file.display(),
            file.file_name().unwrap_or_default().display()
        )))
    }
}

/// The folder that others get to see and that a file would lie in.
fn published_folder(root: &Path, settings: &Settings, file: &Path, config: &str) -> Option<String> {
    let file = canonical(file);
    let text = fs::read_to_string(root.join(config)).ok();
    let built = text.map(|text| {
        config::read(&Source::new(SourcePath::new(config::FILE), text), None).0.output_dir
    });
    for folder in settings.folder.iter().chain(&built) {
        let folder = canonical(&root.join(folder));
        if file.starts_with(&folder) {
            return Some(format!("the output folder {}", folder.display()));
        }
    }
    // With its sources here, all of the folder is in version control.
    let is_inside = built.is_some() && file.starts_with(canonical(root));
    is_inside.then(|| "the folder of the site".to_owned())
}
