//! A site that lies in memory, for tests.

use std::sync::Arc;

use super::form::Form;
use super::media::{self, is_media};
use super::read::{InputFile, Inputs, Refusal, decode, file_kind};
use super::{Digest, record};
use crate::config;
use crate::diagnostic::Source;
use crate::hash::Hash;
use crate::path::SourcePath;
use crate::pictures::is_picture;

impl Inputs {
    /// A site from its paths and contents.
    pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut inputs = Self::default();
        for (path, bytes) in files {
            let source = SourcePath::new(path);
            let decoded = decode(&source, bytes);
            match (path, decoded) {
                (config::FILE | record::FILE, decoded) => {
                    let text = inputs.or_empty(decoded);
                    let single =
                        if path == config::FILE { &mut inputs.config } else { &mut inputs.record };
                    *single = Some(Source::new(source, text));
                }
                (_, decoded) => {
                    let read = file_kind(&source).is_some();
                    let length = bytes.len() as u64;
                    let text = match decoded {
                        Ok(text) if read => Some(text),
                        Err(Refusal::Mistake(problem)) if read => {
                            inputs.problems.push(*problem);
                            None
                        }
                        _ => None,
                    };
                    let digest = is_media(&source).then(|| inputs.digest(&source, bytes)).flatten();
                    let form = Form::matters(&source).then(|| Form::of(bytes));
                    inputs.files.push(InputFile {
                        path: source,
                        length,
                        text,
                        digest,
                        form,
                        stamp: None,
                    });
                }
            }
        }
        inputs.files.sort_by(|a, b| a.path.cmp(&b.path));
        inputs
    }

    /// What is to be known of a file that lies in memory. Nothing of a picture that is damaged.
    fn digest(&mut self, path: &SourcePath, bytes: &[u8]) -> Option<Digest> {
        if path.has_extension(&["svg"]) {
            self.studio.add(path, bytes);
        }
        if is_picture(path) {
            self.studio.add(path, bytes);
            let digest = media::digest_of_picture(path, bytes);
            return digest.map_err(|problem| self.problems.push(*problem)).ok();
        }
        Some(Digest { hash: Hash::of(bytes).unwrap_or_default(), facts: None })
    }

    /// A text that could be decoded; else an empty one, and what is wrong.
    fn or_empty(&mut self, decoded: Result<Arc<str>, Refusal>) -> Arc<str> {
        match decoded {
            Ok(text) => text,
            Err(Refusal::Mistake(problem)) => {
                self.problems.push(*problem);
                Arc::from("")
            }
            // Memory does not fail.
            Err(Refusal::World(_)) => Arc::from(""),
        }
    }
}
