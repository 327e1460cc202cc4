//! Files that are copied: those of the theme, of `static/` and beside pages.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::{Linker, folder_of, parent_of};
use crate::config::DEFAULT_LANGUAGE;
use crate::diagnostic::{Diagnostic, Place};
use crate::load::read::{InputFile, is_markdown};
use crate::model::{Asset, Document, Site, ThemeFiles, last_word};
use crate::path::{OutputPath, SourcePath};
use crate::pictures::{Picture, is_picture};

/// Pictures that cameras make and hardly any browser shows.
const CAMERAS_ONLY: &[&str] = &["heic", "heif", "tif", "tiff"];

/// No camera makes a smaller file.
const PHOTO_BYTES_MIN: u64 = 1024;

impl Linker<'_> {
    /// Files of the theme, then `static/`, which may replace them, then files beside pages.
    pub(super) fn add_assets(&mut self, files: &[InputFile], theme: &ThemeFiles) {
        let mut kept_back = self.data_files();
        kept_back.extend(self.files_of_hidden_texts());
        let own: HashMap<&str, &InputFile> =
            files.iter().filter_map(|f| Some((f.path.inside("static")?, f))).collect();
        for (name, file) in &theme.statics {
            if own.contains_key(name.as_str()) {
                continue;
            }
            match files.binary_search_by(|own| own.path.cmp(&file.source)) {
                Ok(index) => self.add_file(&files[index], name),
                Err(_) => {
                    let content = (file.length, file.embedded);
                    self.add_asset(&file.source, name, content, (None, None));
                }
            }
        }
        for file in files {
            if let Some(name) = file.path.inside("static") {
                self.add_file(file, name);
            }
        }
        let folders = self.asset_folders(files);
        for file in files {
            let Some(path) = file.path.inside("content") else { continue };
            let read_only = is_for_the_program(path) || kept_back.contains(&file.path);
            if is_markdown(&file.path) || read_only {
                continue;
            }
            if let Some(address) = asset_address(path, &folders) {
                if runs_programs(file) && !self.site.config.markdown.raw_html {
                    let problem = Diagnostic::active_file(Place::file(&file.path));
                    self.problems.push(problem.lenient(self.site.config.lenient()));
                    continue;
                }
                self.add_file(file, &address);
            }
        }
    }

    /// Decides in which sizes pictures are published that texts may show.
    pub(super) fn plan_pictures(&mut self) {
        let Site { assets, documents, config, .. } = &mut self.site;
        let known = cfg!(feature = "pictures");
        if !known || assets.iter().all(|asset| asset.picture.is_none()) {
            return;
        }
        let names: HashSet<String> =
            documents.par_iter().flat_map_iter(Document::words_in_names).collect();
        for Asset { source, output, picture, .. } in assets {
            let Some(picture) = picture else { continue };
            if !names.contains(last_word(source.name())) {
                continue;
            }
            if picture.is_too_large() {
                let place = Place::file(source);
                self.problems.push(Diagnostic::picture_too_large(place, picture.size()));
            } else {
                picture.plan(output, &config.pictures.widths, config.pictures.quality);
            }
        }
    }

    /// The files that texts name under `data`: what a page shows of them is its own choice.
    fn data_files(&self) -> HashSet<SourcePath> {
        let documents = self.site.documents.iter().chain(&self.site.hidden);
        let named = documents.flat_map(|document| {
            document.front.data.iter().map(move |(_, (path, _))| document.source.path.resolve(path))
        });
        named.flatten().collect()
    }

    /// The files beside texts that only hidden ones speak of: the picture of a post under
    /// embargo would tell what it is about. What lies in `static/` is public whatever happens,
    /// for styles and templates may use it too.
    fn files_of_hidden_texts(&self) -> HashSet<SourcePath> {
        let mut files: HashSet<SourcePath> =
            self.site.hidden.iter().flat_map(Document::named_files).collect();
        if !files.is_empty() {
            for file in self.site.documents.iter().flat_map(Document::named_files) {
                files.remove(&file);
            }
        }
        files
    }

    fn add_file(&mut self, file: &InputFile, address: &str) {
        let picture = file
            .digest
            .as_ref()
            .and_then(|digest| Some(Picture::new(digest.facts?, digest.hash.clone(), file.length)));
        let is_raw = file.path.has_extension(CAMERAS_ONLY);
        let is_known = file.digest.as_ref().is_none_or(|digest| digest.facts.is_some());
        let is_unknown = !is_known && is_picture(&file.path);
        if is_raw || is_unknown && file.length >= PHOTO_BYTES_MIN {
            let place = Place::file(&file.path);
            self.problems.push(Diagnostic::picture_as_it_came(place, is_raw));
        }
        let length = picture.as_ref().map_or(file.length, Picture::length);
        let drawing = file.digest.as_ref().filter(|_| file.path.has_extension(&["svg"]));
        let drawing = drawing.map(|digest| digest.hash.clone());
        self.add_asset(&file.path, address, (length, None), (picture, drawing));
    }

    fn add_asset(
        &mut self,
        source: &SourcePath,
        address: &str,
        (length, embedded): (u64, Option<&'static [u8]>),
        (picture, drawing): (Option<Picture>, Option<String>),
    ) {
        match OutputPath::new(address) {
            Ok(output) => {
                let index = self.site.assets.len();
                self.site.asset_outputs.insert(source.clone(), index);
                self.site.asset_paths.insert(output.as_str().to_owned(), index);
                let source = source.clone();
                self.site.assets.push(Asset { source, output, length, picture, drawing, embedded });
            }
            Err(problem) => {
                self.problems.push(Diagnostic::bad_path(
                    Place::file(source),
                    "file",
                    address,
                    problem,
                ));
            }
        }
    }

    /// Where the files of a folder in `content/` go: with the page whose folder it is, in its
    /// own language, or with the section. A folder that only unpublished texts have is `None`:
    /// its files would show what is not public yet.
    fn asset_folders(&self, files: &[InputFile]) -> HashMap<String, Option<String>> {
        let mut folders = HashMap::new();
        for section in &self.site.sections {
            if section.language == DEFAULT_LANGUAGE {
                folders.insert(section.folder.clone(), Some(folder_of(&section.output)));
            }
        }
        for page in self.site.pages.iter().filter(|page| page.translated) {
            let document = self.site.document(page.document);
            if document.is_bundle() {
                let folder = document.key.trim_end_matches("/index").to_owned();
                // The default language comes first; translations show its pictures.
                folders.entry(folder).or_insert_with(|| Some(folder_of(&page.output)));
            }
        }
        // A folder that has texts, but none that is shown, hides its files too; so does a page
        // that could not even be read.
        let shown: HashSet<&str> =
            self.site.documents.iter().map(|d| content_folder(&d.source.path)).collect();
        for file in files.iter().filter(|file| is_markdown(&file.path)) {
            let folder = content_folder(&file.path);
            let is_hidden_page = file.path.name().starts_with("index.")
                && !folders.contains_key(folder)
                && !folder.is_empty();
            let is_text = file.path.inside("content").is_some();
            if is_text && (is_hidden_page || !shown.contains(folder)) {
                folders.insert(folder.to_owned(), None);
            }
        }
        folders.entry(String::new()).or_insert_with(|| Some(String::new()));
        folders
    }
}

/// The folder of a file inside `content/`.
fn content_folder(path: &SourcePath) -> &str {
    path.folder().strip_prefix("content").unwrap_or_default().trim_start_matches('/')
}

/// Whether a file may run programs in the reader's browser, as raw HTML in Markdown may, or on
/// the host.
fn runs_programs(file: &InputFile) -> bool {
    let path = &file.path;
    let extension = path.extension();
    let in_browsers = ["html", "htm", "xhtml", "xht", "shtml", "mht", "mhtml"];
    let on_servers = ["phtml", "phar", "cgi", "asp", "aspx", "jsp"];
    let runs = in_browsers.iter().chain(&on_servers).any(|name| *name == extension);
    runs || extension.starts_with("php") || file.markup().is_some_and(is_active)
}

/// Whether a picture or document made of text has programs in it: elements, attributes that
/// begin with `on`, addresses that run, or entities that could hide them.
fn is_active(xml: &str) -> bool {
    let xml: String = xml.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let attribute = xml.match_indices(" on").any(|(at, _)| {
        let name = xml[at + 1..].split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        xml[at + 1 + name.len()..].trim_start().starts_with('=')
    });
    let names = ["script", "javascript:", "foreignobject", "<iframe", "xhtml", "<!entity", "&#"];
    attribute || names.iter().any(|name| xml.contains(name))
}

/// Whether a file in `content/` is read by programs like ours and not meant for readers:
/// configuration and data of other generators, which may hold more than the pages show.
fn is_for_the_program(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let data = [".toml", ".yaml", ".yml"].iter().any(|end| name.ends_with(end));
    data || name.starts_with('_') || path.starts_with("_data/")
}

/// Where a file in `content/` goes: the address of the nearest known folder above it, and the
/// rest of its path. `None` when that folder is not published.
fn asset_address(path: &str, folders: &HashMap<String, Option<String>>) -> Option<String> {
    let mut folder = parent_of(path);
    loop {
        if let Some(address) = folders.get(folder) {
            let rest = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
            return address.as_ref().map(|address| format!("{address}{rest}"));
        }
        if folder.is_empty() {
            return None;
        }
        folder = parent_of(folder);
    }
}
