//! What an output is made from, as a number: its key. As long as it is the same, the output is the
//! same and need not be made again.
//!
//! Making a page costs about as much as asking what it was made from in detail, so a key is coarse.
//! All that is not the text of a page (configuration, theme, sections, files, the menu) is one
//! *frame*: when it changes, everything is made anew. Of a text, every byte counts for whatever
//! shows anything of it. And a text that may speak of others counts as changed with each of them.
//!
//! Types are taken apart here without `..`: a new field must say where it counts. And a debug build
//! makes everything in spite of its key and stops when it is different, so that every test that
//! builds twice looks for what a key leaves out.

use std::fmt::{self, Debug, Write as _};
use std::hash::{DefaultHasher, Hash, Hasher};

use memchr::{memchr, memchr_iter, memmem};
use rayon::prelude::*;

use crate::artifact::Key;
use crate::model::{
    Asset, DataFile, Details, Document, DocumentId, Identity, Page, PageId, Section, SectionId,
    Site, Term, TermId, TermList,
};
use crate::render::Theme;

/// The keys of what outputs are made from.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    frame: u64,
    /// By document: its text, and what it says of others.
    texts: Vec<u64>,
    /// By page: whatever of it stands elsewhere.
    cards: Vec<u64>,
}

impl Keys {
    pub(crate) fn new(site: &Site, theme: &Theme) -> Self {
        let alone: Vec<Text> = site.documents.par_iter().map(Text::of).collect();
        let texts = with_others(site, &alone);
        let pages = site.pages.par_iter().enumerate();
        let cards = pages.map(|(index, page)| card(site, PageId(index), page, &texts)).collect();
        Self { frame: frame(site, theme, &alone), texts, cards }
    }

    /// The key of an output that shows nothing of any page. `what` are the values that choose it.
    pub(super) fn of(&self, what: impl Hash) -> Key {
        hashed(|hasher| (self.frame, what).hash(hasher))
    }

    /// The key of an output that shows something of some pages.
    pub(super) fn showing(&self, what: impl Hash, pages: &[PageId]) -> Key {
        hashed(|hasher| {
            (self.frame, what, pages.len()).hash(hasher);
            pages.iter().for_each(|id| self.cards[id.0].hash(hasher));
        })
    }

    /// Stands for a text, and what it says of others.
    pub(super) fn text(&self, id: DocumentId) -> u64 {
        self.texts[id.0]
    }

    /// The key of a page.
    pub(super) fn page(&self, site: &Site, id: PageId) -> Key {
        let page = site.page(id);
        let others = [page.previous, page.next, page.original];
        let shown: Vec<Option<u64>> = std::iter::once(Some(id))
            .chain(others)
            .chain(page.translations.iter().copied().map(Some))
            .map(|id| id.map(|id| self.cards[id.0]))
            .collect();
        self.of(("page", shown))
    }

    /// The key of a list of pages of a section, which shows the text of the section.
    pub(super) fn section(
        &self,
        site: &Site,
        id: SectionId,
        what: impl Hash,
        shown: &[PageId],
    ) -> Key {
        let section = site.section(id);
        let text = section.document.map(|id| self.texts[id.0]);
        self.showing(("section", section.output.as_str(), text, what), shown)
    }

    /// The key of the list of all terms.
    pub(super) fn term_list(&self, site: &Site, list: &TermList) -> Key {
        let TermList { taxonomy: _, language: _, output, terms } = list;
        let terms = terms.iter().map(|id| {
            let term = site.term(*id);
            (&term.name, term.output.as_str(), term.pages.len())
        });
        self.of(("terms", output.as_str(), terms.collect::<Vec<_>>()))
    }

    /// The key of a list of pages of a term.
    pub(super) fn term(&self, site: &Site, id: TermId, what: impl Hash, shown: &[PageId]) -> Key {
        let Term { taxonomy, language, name, output, pages } = site.term(id);
        let term = ("term", taxonomy, language, name, output.as_str(), pages.len());
        self.showing((term, what), shown)
    }
}

fn hashed(write: impl FnOnce(&mut DefaultHasher)) -> Key {
    let mut hasher = DefaultHasher::new();
    write(&mut hasher);
    hasher.finish()
}

/// Hashes a value by all that its `Debug` shows, which are all its fields.
fn hash_shown(value: &impl Debug, hasher: &mut DefaultHasher) {
    struct Shown<'h>(&'h mut DefaultHasher);
    impl fmt::Write for Shown<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            text.hash(self.0);
            Ok(())
        }
    }
    // A hash takes everything.
    let _ = write!(Shown(hasher), "{value:?}");
}

/// A document by itself.
struct Text {
    hash: u64,
    speaks: Speaks,
}

impl Text {
    fn of(document: &Document) -> Self {
        let Document { source, body, .. } = document;
        let speaks = match document.details {
            Details::None | Details::Event(_) | Details::Place(_) | Details::Press(_) => {
                Speaks::of(&source.text, &source.text[..body.start])
            }
            // Links, which a translation has from its original, and what there is of others.
            _ => Speaks::Headings,
        };
        Self { hash: text(document), speaks }
    }
}

/// By document: its text, and whatever else may show in it.
fn with_others(site: &Site, texts: &[Text]) -> Vec<u64> {
    // Where texts lie, for those that link to them; and what is in them, for those that link to
    // their headings.
    let lie = hashed(|hasher| {
        for page in &site.pages {
            let key = site.document(page.document).key.as_str();
            (key, page.language, page.output.as_str()).hash(hasher);
        }
    });
    let all = hashed(|hasher| texts.iter().for_each(|text| text.hash.hash(hasher)));
    let with_others = |text: &Text| match text.speaks {
        Speaks::Itself => text.hash,
        Speaks::Others => hashed(|hasher| (text.hash, lie).hash(hasher)),
        Speaks::Headings => hashed(|hasher| (text.hash, lie, all).hash(hasher)),
    };
    texts.iter().map(with_others).collect()
}

fn text(document: &Document) -> u64 {
    let Document {
        source,
        body,
        language,
        key,
        title,
        title_from_heading,
        // What it says stands in the source, and what it inherits in the date and here.
        front,
        kind,
        details,
        // Data files are part of the frame.
        data: _,
        date,
        state: _,
        hash,
    } = document;
    hashed(|hasher| {
        // The hash is that of the text and what it shows, but for line ends and white space around
        // it. The rest stands before the text.
        let text = &source.text[body.clone()];
        let (inner, all) = (text.trim(), memchr(b'\r', text.as_bytes()).map(|_| text));
        let start = text.len() - text.trim_start().len();
        (&text[..start], &text[start + inner.len()..], all).hash(hasher);
        (source.path.as_str(), &source.text[..body.start], hash).hash(hasher);
        (language, key, title, title_from_heading, date, &front.imprint, kind).hash(hasher);
        if *details != Details::None {
            hash_shown(details, hasher);
        }
    })
}

/// No name of an entity is longer (HTML, section 13.5).
const ENTITY_BYTES_MAX: usize = 32;

/// What a text may say of other texts. When in doubt, more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Itself,
    Others,
    Headings,
}

impl Speaks {
    /// A link to a text names its file, `@/news/first.md#heading`, perhaps with `%` in it; a
    /// heading is named after a `#` that stands in the middle of something.
    fn of(text: &str, head: &str) -> Self {
        // What is written with entities or escapes may be anything.
        let bytes = text.as_bytes();
        let is_entity = |at| {
            let name = text[at + 1..].split_once(';').map_or("", |(name, _)| name);
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'#';
            (1..=ENTITY_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_part)
        };
        if memchr_iter(b'&', bytes).any(is_entity) || memchr(b'\\', head.as_bytes()).is_some() {
            return Self::Headings;
        }
        let has = |part: &str| memmem::find(bytes, part.as_bytes()).is_some();
        if !(has(".md") || has("@/") || has("%")) {
            return Self::Itself;
        }
        let names_heading = |at: usize| {
            let before = bytes[..at].last();
            before.is_some_and(|b| !b.is_ascii_whitespace() && *b != b'#')
        };
        if memchr_iter(b'#', bytes).any(names_heading) { Self::Headings } else { Self::Others }
    }
}

/// All that is not the text of a page.
fn frame(site: &Site, theme: &Theme, texts: &[Text]) -> u64 {
    let Site {
        config,
        id_base,
        documents,
        // Each counts where its document does.
        identities: _,
        // What shows it asks for it.
        serial: _,
        accounts,
        // The page of each counts it.
        posts: _,
        post_of: _,
        // What is not published is nowhere.
        hidden: _,
        pages: _,
        sections,
        // A list that shows some of these counts them.
        latest: _,
        events: _,
        notices: _,
        front: _,
        term_lists,
        terms: _,
        // Their pages are always made.
        aliases: _,
        assets,
        menus,
        // They are found by what is counted where texts lie.
        destinations: _,
        asset_outputs: _,
        asset_paths: _,
    } = site;
    hashed(|hasher| {
        hash_shown(&(config, menus), hasher);
        for Asset { source, output, length, picture, drawing, embedded } in assets {
            (source, output.as_str(), length, embedded).hash(hasher);
            // Pages name share pictures, whose names have a hash of what is on them.
            drawing.as_ref().filter(|_| config.share_pictures).hash(hasher);
            if let Some(picture) = picture {
                (picture.digest(), picture.size()).hash(hasher);
                picture.renditions().iter().for_each(|r| r.output().as_str().hash(hasher));
            }
        }
        id_base.hash(hasher);
        for account in accounts {
            (&account.handle, account.page.as_str(), &account.id).hash(hasher);
        }
        theme.hash(hasher);
        for document in documents {
            for DataFile { name, source: _, node } in &document.data {
                name.hash(hasher);
                hash_shown(node, hasher);
            }
        }
        for section in sections {
            hash_section(site, section, texts, hasher);
        }
        for TermList { taxonomy, language, output, terms: _ } in term_lists {
            (taxonomy, language, output.as_str()).hash(hasher);
        }
    })
}

/// A section, but for the pages that lists of it show.
fn hash_section(site: &Site, section: &Section, texts: &[Text], hasher: &mut DefaultHasher) {
    let Section {
        kind,
        folder,
        document,
        language,
        translated,
        title,
        output,
        parent,
        subsections,
        // A list that shows some of these counts them.
        pages: _,
        paginate_by,
        feeds,
        translations,
    } = section;
    let outputs = |ids: &[SectionId]| {
        ids.iter().map(|id| site.section(*id).output.as_str()).collect::<Vec<_>>()
    };
    let text = document.map(|id| texts[id.0].hash);
    (kind, folder, text, language, translated, title).hash(hasher);
    let are_empty = subsections.iter().map(|id| site.is_empty(*id)).collect::<Vec<_>>();
    (output.as_str(), outputs(subsections), are_empty, outputs(translations)).hash(hasher);
    (outputs(parent.as_slice()), paginate_by, feeds).hash(hasher);
}

/// Whatever of a page may stand elsewhere.
fn card(site: &Site, id: PageId, page: &Page, texts: &[u64]) -> u64 {
    let post = site.post_of.get(&id).map(|id| &site.post(*id).id);
    let Page {
        document,
        language,
        translated,
        output,
        section,
        // Only the page itself has neighbours and translations.
        previous: _,
        next: _,
        terms,
        original: _,
        translations: _,
    } = page;
    let Identity { id: name, published, updated, withdrawn: _ } = site.identity(*document);
    hashed(|hasher| {
        (texts[document.0], language, translated, output.as_str()).hash(hasher);
        site.section(*section).output.as_str().hash(hasher);
        for term in terms.iter().flat_map(|(_, ids)| ids).map(|id| site.term(*id)) {
            (term.taxonomy, &term.name, term.output.as_str()).hash(hasher);
        }
        (name, published, updated, post).hash(hasher);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_may_speak_of_others_is_known() {
        for text in
            ["Plain.", "# Title\n\n## Two", "a #tag [x](https://a.example) a@b.c", "[x](#y)x"]
        {
            assert_eq!(Speaks::of(text, ""), Speaks::Itself, "{text}");
        }
        for text in ["[x](@/a.md)", "[x](a.md)", "[x](a%2Emd)", "[x](<@/a b/>)"] {
            assert_eq!(Speaks::of(text, ""), Speaks::Others, "{text}");
        }
        for text in
            ["[x](@/a.md#b)", "[x](a.md?c#d)", "[x](a%2emd#b)", "[x](a&#46;md)", "a&period;b"]
        {
            assert_eq!(Speaks::of(text, ""), Speaks::Headings, "{text}");
        }
    }
}
