//! The files that the look of the site names, and the picture of the front page.

use super::Linker;
use crate::config::{DEFAULT_LANGUAGE, Front, Image};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::load::form::Form;
use crate::load::read::InputFile;
use crate::node::Placed;

/// What browsers show as a picture in a page, and in a tab.
const LOGO: &[Form] = &[Form::Svg, Form::Png, Form::Jpeg, Form::Webp];
const ICON: &[Form] = &[Form::Svg, Form::Png];

/// What browsers take as a font.
const FONT: &[Form] = &[Form::Woff2, Form::Woff];

impl Linker<'_> {
    /// Says what is wrong with the files of the look.
    pub(super) fn check_look(&mut self, files: &[InputFile]) {
        let Some(look) = self.site.config.look.clone() else { return };
        let logo = look.logo.map(|Image { path, span, .. }| (path, span));
        let picture = "an SVG, PNG, JPEG or WebP";
        self.check_file(files, "logo", logo.as_ref(), (LOGO, picture));
        self.check_file(files, "icon", look.icon.as_ref(), (ICON, "an SVG or PNG"));
        let font = (FONT, "a WOFF2");
        self.check_file(files, "font_file", look.font_file.as_ref(), font);
        self.check_file(files, "font_bold_file", look.font_bold_file.as_ref(), font);
        if let (None, Some((_, span))) = (look.font_file, look.font_bold_file) {
            let place = self.config_source.place(span);
            self.problems.push(Diagnostic::bold_without_font(place));
        }
        if look.front == Front::Photo {
            self.check_photo();
        }
    }

    fn check_file(
        &mut self,
        files: &[InputFile],
        key: &str,
        named: Option<&Placed<String>>,
        (wanted, words): (&[Form], &str),
    ) {
        let Some((path, span)) = named else { return };
        let place = self.config_source.place(span.clone());
        let names = || files.iter().filter_map(|file| Some((file.path.inside("static")?, file)));
        let bare = path.trim_start_matches('/');
        let Some((_, file)) = names().find(|(name, _)| *name == bare) else {
            let near = nearest(bare, names().map(|(name, _)| name));
            // Who names the folder as well means the right file.
            let inside = bare.strip_prefix("static/");
            let near = inside.filter(|bare| names().any(|(name, _)| name == *bare)).or(near);
            self.problems.push(Diagnostic::look_file_missing(place, key, path, near));
            return;
        };
        let form = file.form.unwrap_or(Form::Other);
        let problem = if !wanted.contains(&form) {
            Diagnostic::look_file_kind(place, key, path, form.name(), words)
        } else if !file.path.has_extension(form.endings()) {
            let name = form.name().unwrap_or_default();
            let ending = form.endings().first().copied().unwrap_or_default();
            Diagnostic::look_file_ending(place, path, name, ending)
        } else {
            return;
        };
        self.problems.push(problem);
    }

    /// A front page that shows a picture has one. That of a translation may be the original's.
    fn check_photo(&mut self) {
        let home = self.site.section(self.site.home(DEFAULT_LANGUAGE));
        let document = home.document.map(|id| self.site.document(id));
        if document.is_some_and(|document| document.front.image.is_some()) {
            return;
        }
        let place = match document {
            Some(document) => Place::file(&document.source.path),
            None => Place::named(crate::config::FILE),
        };
        self.problems.push(Diagnostic::front_without_photo(place, "content/_index.md"));
    }
}
