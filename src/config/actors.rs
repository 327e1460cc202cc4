//! `[[actors]]`: the accounts under which the site is found on the fediverse.

use std::ops::Range;

use super::{Image, Language, LanguageId};
use crate::diagnostic::{Diagnostic, Place, Wanted};
use crate::node::{Fields, Placed, Value};
use crate::path::check_user_name;

/// Posts that are pinned to a profile unless the owner wants another number. Misskey shows no
/// more, and nothing at all when there are.
const FEATURED_DEFAULT: usize = 5;

/// The most that may be pinned: each is fetched by every server that looks the profile up.
const FEATURED_MAX: usize = 20;

/// Rows of a profile that Mastodon shows of a remote account.
const FIELDS_MAX: usize = 50;

/// Hashtags of a profile that Mastodon takes.
const TAGS_MAX: usize = 10;

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// What stands before the `@`, in small letters, and where it was written.
    pub(crate) user: Placed<String>,
    pub(crate) name: String,
    /// Markdown, and where it was written.
    pub(crate) summary: Option<(String, Place)>,
    pub(crate) kind: ActorKind,
    pub(crate) icon: Option<Image>,
    pub(crate) header: Option<Image>,
    /// Rows of the profile: name and value.
    pub(crate) fields: Vec<(String, String)>,
    /// Addresses of other accounts of the same people.
    pub(crate) also_known_as: Vec<String>,
    /// The id of the account that people should follow instead.
    pub(crate) moved_to: Option<String>,
    /// Whether directories may list it.
    pub(crate) discoverable: bool,
    /// Whether its posts may be found by their words.
    pub(crate) indexable: bool,
    /// How many of its posts are pinned.
    pub(crate) featured: usize,
    /// Without `#`.
    pub(crate) featured_tags: Vec<String>,
    pub(crate) bluesky: Option<Bluesky>,
    pub(crate) voice: Voice,
    /// The page that shows the account, `@/people/nia.md`.
    pub(crate) page: Option<Placed<String>>,
    /// Says in the profile how to follow when there is no inbox.
    pub(crate) follow_hint: bool,
}

/// What an account is, in the words of `ActivityPub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActorKind {
    Organization,
    Person,
    Group,
    Service,
    Application,
}

impl ActorKind {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("organization", Self::Organization),
        ("person", Self::Person),
        ("group", Self::Group),
        ("service", Self::Service),
        ("application", Self::Application),
    ];
}

/// An account on Bluesky that has a name on this domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bluesky {
    pub(crate) did: String,
    /// A domain; when nobody says which, that of the site.
    pub(crate) handle: Option<String>,
}

/// Which posts an account speaks. One that names nothing speaks what no other does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Voice {
    /// Folders in `content/`.
    pub(crate) sections: Vec<Placed<String>>,
    /// `tags/buses`.
    pub(crate) terms: Vec<Placed<String>>,
    /// Pages of people, whose titles are names of authors.
    pub(crate) people: Vec<Placed<String>>,
    pub(crate) languages: Vec<LanguageId>,
}

impl Voice {
    /// Whether it speaks what is left.
    pub(crate) fn is_of_the_rest(&self) -> bool {
        self.sections.is_empty() && self.terms.is_empty() && self.people.is_empty()
    }
}

/// Reads all accounts. `languages` and the title are those of the site.
pub(super) fn read(fields: &mut Fields<'_>, languages: &[Language]) -> Vec<Actor> {
    let Some(node) = fields.node("actors") else { return Vec::new() };
    let Value::List(items) = node.value else {
        fields.wrong("actors", Wanted::ACTORS, &node);
        return Vec::new();
    };
    let mut actors: Vec<Actor> = Vec::new();
    for item in items {
        let Value::Table(entries) = item.value else {
            fields.wrong("actors", Wanted::ACTORS, &item);
            continue;
        };
        let above = fields.known();
        let inner = fields.inner(entries).below(above);
        let Some(actor) = read_actor(inner, &item.span, languages) else { continue };
        match actors.iter().find(|known| known.user.0 == actor.user.0) {
            Some(known) => {
                let (place, first) =
                    (fields.place(actor.user.1.clone()), fields.place(known.user.1.clone()));
                fields.report(Diagnostic::actor_twice(place, first, &actor.user.0));
            }
            None => actors.push(actor),
        }
    }
    actors
}

fn read_actor(
    mut fields: Fields<'_>,
    span: &Range<usize>,
    languages: &[Language],
) -> Option<Actor> {
    let user = read_user(&mut fields, span);
    let actor = Actor {
        name: fields.text("name").unwrap_or_else(|| languages[0].title.clone()),
        summary: fields.placed_text("summary").map(|(text, span)| (text, fields.place(span))),
        kind: fields.word("kind", ActorKind::WORDS).unwrap_or(ActorKind::Organization),
        icon: read_picture(&mut fields, "icon", "icon_alt"),
        header: read_picture(&mut fields, "header", "header_alt"),
        fields: read_rows(&mut fields),
        also_known_as: read_addresses(&mut fields, "also_known_as"),
        moved_to: fields
            .placed_text("moved_to")
            .and_then(|text| super::read::web_address(&mut fields, "moved_to", text)),
        discoverable: fields.flag("discoverable").unwrap_or(true),
        indexable: fields.flag("indexable").unwrap_or(true),
        featured: read_featured(&mut fields),
        featured_tags: read_tags(&mut fields),
        bluesky: read_bluesky(&mut fields),
        voice: read_voice(&mut fields, languages),
        page: fields.placed_text("page"),
        follow_hint: fields.flag("follow_hint").unwrap_or(true),
        user: user.clone().unwrap_or_default(),
    };
    fields.finish();
    user.map(|_| actor)
}

fn read_user(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Placed<String>> {
    let Some((user, span)) = fields.placed_text("user") else {
        if !fields.has("user") {
            let place = fields.place(span.clone());
            fields.report(Diagnostic::actor_without_user(place));
        }
        return None;
    };
    let bare = user.trim_start_matches('@');
    match check_user_name(bare) {
        Ok(()) => Some((bare.to_owned(), span)),
        Err(problem) => {
            let place = fields.place(span);
            fields.report(Diagnostic::bad_user_name(place, bare, problem));
            None
        }
    }
}

fn read_picture(
    fields: &mut Fields<'_>,
    key: &'static str,
    alt_key: &'static str,
) -> Option<Image> {
    let alt = fields.text(alt_key).unwrap_or_default();
    let (path, span) = fields.placed_text(key)?;
    Some(Image { path, alt, credit: None, span })
}

fn read_rows(fields: &mut Fields<'_>) -> Vec<(String, String)> {
    let rows = fields.text_table("fields", Wanted::TEXT);
    if let Some((_, (_, span))) = rows.get(FIELDS_MAX) {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::too_many_of(place, "rows in a profile", FIELDS_MAX));
    }
    rows.into_iter().map(|(name, (value, _))| (name, value)).collect()
}

fn read_addresses(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let texts = fields.texts(key).unwrap_or_default();
    let good = texts.into_iter().filter_map(|text| super::read::web_address(fields, key, text));
    good.collect()
}

fn read_featured(fields: &mut Fields<'_>) -> usize {
    let Some((number, span)) = fields.integer("featured") else { return FEATURED_DEFAULT };
    match usize::try_from(number) {
        Ok(count) if count <= FEATURED_MAX => count,
        _ => {
            let place = fields.place(span);
            fields.report(Diagnostic::too_many_of(place, "pinned posts", FEATURED_MAX));
            FEATURED_DEFAULT
        }
    }
}

fn read_tags(fields: &mut Fields<'_>) -> Vec<String> {
    let tags = fields.texts("featured_tags").unwrap_or_default();
    if let Some((_, span)) = tags.get(TAGS_MAX) {
        let place = fields.place(span.clone());
        fields.report(Diagnostic::too_many_of(place, "hashtags in a profile", TAGS_MAX));
    }
    tags.into_iter().map(|(tag, _)| tag.trim_start_matches('#').to_owned()).collect()
}

/// A DID names an account of Bluesky whatever its handle is; the handle is a domain.
fn read_bluesky(fields: &mut Fields<'_>) -> Option<Bluesky> {
    let handle = fields.placed_text("bluesky_handle");
    let (did, span) = fields.placed_text("bluesky_did")?;
    let is_plc = did.strip_prefix("did:plc:").is_some_and(|id| {
        id.len() == 24 && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
    });
    let is_web = did.strip_prefix("did:web:").is_some_and(is_domain);
    if !(is_plc || is_web) {
        let place = fields.place(span);
        fields.report(Diagnostic::bad_did(place, &did));
        return None;
    }
    let handle = handle.and_then(|text| super::follow::read_handle(fields, text));
    Some(Bluesky { did, handle })
}

/// Whether a text is a domain name of at least two parts (RFC 1123).
pub(super) fn is_domain(text: &str) -> bool {
    let good = |part: &str| {
        let bytes = part.as_bytes();
        (1..=63).contains(&bytes.len())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(good)
}

fn read_voice(fields: &mut Fields<'_>, languages: &[Language]) -> Voice {
    let bare = |(text, span): Placed<String>| {
        let name = text.trim_start_matches("@/").trim_matches('/');
        let name = name.strip_suffix("/_index.md").unwrap_or(name);
        let name = name.strip_suffix(".md").unwrap_or(name);
        (name.strip_suffix("/index").unwrap_or(name).to_owned(), span)
    };
    let mut list = |key| -> Vec<Placed<String>> {
        fields.texts(key).unwrap_or_default().into_iter().map(bare).collect()
    };
    let (sections, terms, people) = (list("sections"), list("terms"), list("people"));
    let mut spoken = Vec::new();
    for (code, span) in fields.texts("languages").unwrap_or_default() {
        match languages.iter().position(|l| l.code.eq_ignore_ascii_case(&code)) {
            Some(index) => spoken.push(LanguageId(index)),
            None => {
                let codes: Vec<&str> = languages.iter().map(|l| l.code.as_str()).collect();
                let place = fields.place(span);
                fields.report(Diagnostic::not_a_choice(place, "languages", &code, &codes));
            }
        }
    }
    if spoken.is_empty() {
        spoken.push(super::DEFAULT_LANGUAGE);
    }
    Voice { sections, terms, people, languages: spoken }
}

/// Whether servers would take the address of the site for that of its accounts. Everything stands
/// at the root of a host that answers over https, under the one name that others write.
pub(crate) fn check_base_url(
    written: &str,
    base: &super::BaseUrl,
    place: Place,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if !base.as_str().starts_with("https://") {
        problems.push(Diagnostic::actors_need_https(place.clone(), base.as_str()));
    }
    let (authority, path) = base.authority_and_path();
    if !path.is_empty() {
        problems.push(Diagnostic::actors_need_root(place.clone(), path));
    }
    let host = authority.split(':').next().unwrap_or(authority);
    if host.ends_with('.') {
        problems.push(Diagnostic::host_with_dot(place, host));
    } else if !written.contains(host) {
        // It was written in another way, which every reader of the handle would have to know.
        problems.push(Diagnostic::host_is_written(place, host));
    }
    problems
}
