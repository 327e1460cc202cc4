//! The documents of posts.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{address, document};
use crate::activity::{
    self, Attachment, Collection, Context, Hashtag, Object, PLACE, PUBLIC, Tombstone,
};
use crate::artifact::{Body, Rank, media_type};
use crate::diagnostic::{Diagnostic, Place};
use crate::emit::{Handed, Made, Plan, Shows, Workshop};
use crate::limits::FEDIVERSE_BYTES_MAX;
use crate::model::{Document, PageId, Post, PostId, PostKind, PostText, Site};
use crate::path::{OutputPath, SourcePath};
use crate::render::markdown::links::Addresses;
use crate::render::{Here, NoteText, escaped, find_file, note_text};

/// Characters of a page's text in a note: about what Mastodon shows before it folds a post.
const NOTE_CHARS_MAX: usize = 1500;

/// Pictures that Mastodon takes of one post.
const PICTURES_MAX: usize = 4;

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for (index, post) in site.posts.iter().enumerate() {
        let id = PostId(index);
        let source = match post.text {
            PostText::Page(page) => site.text_of(page).source.path.clone(),
            PostText::Hidden(hidden) => site.hidden[hidden].source.path.clone(),
            PostText::Withdrawn(_) => SourcePath::new("published.toml"),
        };
        let key = match post.text {
            PostText::Page(page) => plan.key(|keys| {
                let what = ("post", &post.id, post.kind, post.published, post.updated);
                keys.showing(what, &[page])
            }),
            PostText::Hidden(_) => None,
            PostText::Withdrawn(moment) => plan.key(|keys| keys.of(("gone", &post.id, moment))),
        };
        let place = Place::file(&source);
        let make = move |workshop: &Workshop<'s>, handed: &mut Handed| match site.post(id).text {
            PostText::Withdrawn(moment) => document(&Tombstone {
                context: Context::plain(),
                id: site.post(id).id.clone(),
                r#type: "Tombstone".to_owned(),
                deleted: moment.to_utc(),
            }),
            PostText::Page(_) | PostText::Hidden(_) => {
                let context = Some(Context::of_post());
                let post = document(&Object { context, ..object(workshop, id, handed) });
                warn_of_size(post, &place)
            }
        };
        let (output, rank) = (post.output.clone(), Rank::Fediverse);
        if let PostText::Page(page) = post.text {
            plan.add_showing((Shows::Text(page), output), rank, &source, key, make);
        } else {
            plan.add(output, rank, &source, key, move |w| make(w, &mut Handed::default()));
        }
        let replies = text_of(site, post).map_or(&[][..], |document| &document.front.post.replies);
        if !replies.is_empty()
            && let Some(path) = replies_path(post)
        {
            let url = site.config.base_url.absolute(path.as_str());
            plan.add(path, Rank::Fediverse, &source, None, move |_| {
                let items = replies.iter().map(|url| Value::from(url.as_str())).collect();
                document(&Collection::unordered(url.clone(), items))
            });
        }
    }
}

/// Says when a document is larger than what every server reads.
fn warn_of_size(mut post: Made, place: &Place) -> Made {
    if let Some(Body::Bytes(bytes)) = &post.body
        && bytes.len() > FEDIVERSE_BYTES_MAX
    {
        post.problems.push(Diagnostic::post_large(place.clone(), bytes.len()));
    }
    post
}

fn text_of<'s>(site: &'s Site, post: &Post) -> Option<&'s Document> {
    match post.text {
        PostText::Page(page) => Some(site.text_of(page)),
        PostText::Hidden(index) => Some(&site.hidden[index]),
        PostText::Withdrawn(_) => None,
    }
}

/// `ap/news/posts/first.json` has its replies in `ap/news/posts/first/replies.json`.
fn replies_path(post: &Post) -> Option<OutputPath> {
    let folder = post.output.as_str().strip_suffix(".json")?;
    OutputPath::new(&format!("{folder}/replies.json")).ok()
}

/// The text of a page in the words of other servers. That of its HTML, when somebody has it, says
/// the same as one that is rendered for others, once its addresses are whole.
fn note_of_page(
    workshop: &Workshop<'_>,
    page: PageId,
    handed: &mut Handed,
    chars_max: usize,
) -> NoteText {
    let site = workshop.views.site;
    let permalink = site.permalink(&site.page(page).output);
    let here = Here::new(site.config.base_url.origin(), &permalink);
    let elsewhere = || {
        let text = workshop.views.rendered(page, Addresses::Absolute, &mut Vec::new());
        note_text(&text.html, chars_max, None)
    };
    let text = handed.take(page).filter(|text| text.is_portable);
    let Some((text, here)) = text.zip(here) else { return elsewhere() };
    let note = note_text(&text.html, chars_max, Some(here));
    debug_assert_eq!(note, elsewhere(), "the text of {permalink} is another one elsewhere");
    note
}

/// A post that is there. Inside of another document it needs no context.
pub(super) fn object(workshop: &Workshop<'_>, id: PostId, handed: &mut Handed) -> Object {
    let site = workshop.views.site;
    let post = site.post(id);
    // What was a post before its section had none stays a note.
    let is_note = matches!(post.kind, PostKind::Note | PostKind::None);
    let chars = if is_note { NOTE_CHARS_MAX } else { usize::MAX };
    let (note, text, url) = match post.text {
        PostText::Page(page) => {
            let note = note_of_page(workshop, page, handed, chars);
            (note, site.text_of(page), Some(site.permalink(&site.page(page).output)))
        }
        PostText::Hidden(index) => {
            let hidden = &site.hidden[index];
            let html = workshop.views.rendered_hidden(hidden, &post.id).html;
            (note_text(&html, chars, None), hidden, None)
        }
        // It has no text; nobody asks for it.
        PostText::Withdrawn(_) => return Object::nothing(&post.id),
    };
    let account = site.account(post.actor);
    let (tag, tag_links) = hashtags(site, post, text);
    let mut content = String::with_capacity(note.html.len() + 300);
    if is_note {
        content.push_str(&format!("<p><strong>{}</strong></p>", escaped(&text.title)));
    }
    content.push_str(&workshop.views.details_around(text).0);
    content.push_str(&note.html);
    if let Some(url) = url.as_ref().filter(|_| is_note) {
        let more = if note.cut { "… " } else { "" };
        let bare = escaped(url.trim_start_matches("https://"));
        content.push_str(&format!("<p>{more}<a href=\"{}\">{bare}</a></p>", escaped(url)));
    }
    // After all that is ever cut.
    if let Some(imprint) = workshop.views.imprint(text, text.language) {
        content.push_str(&format!("<p>{}</p>", escaped(&imprint.short)));
    }
    // Mastodon shows them apart when they are the last line (`hashtag_bar.tsx`).
    if !tag_links.is_empty() {
        content.push_str(&format!("<p>{}</p>", tag_links.join(" ")));
    }
    let code = site.config.language(text.language).code.clone();
    let keys = &text.front.post;
    let event = text.details.event();
    Object {
        context: None,
        id: post.id.clone(),
        r#type: match post.kind {
            PostKind::Note | PostKind::None => "Note",
            PostKind::Article => "Article",
            PostKind::Event => "Event",
        }
        .to_owned(),
        attributed_to: account.id.clone(),
        to: vec![PUBLIC.to_owned()],
        cc: vec![address(site, account, "followers.json")],
        published: post.published.to_utc(),
        updated: (post.updated.timestamp() > post.published.timestamp())
            .then(|| post.updated.to_utc()),
        url,
        name: (!is_note).then(|| text.title.clone()),
        sensitive: keys.content_warning.is_some(),
        // Some servers take any summary for a warning, also that of an article.
        summary: keys.content_warning.clone(),
        content_map: Map::from_iter([(code, Value::from(content.as_str()))]),
        content,
        start_time: event.map(|event| event.begins().to_utc()),
        end_time: event.filter(|event| event.end.is_some()).map(|event| event.over().to_utc()),
        location: place_of(text),
        attachment: attachments(site, text, &note.pictures),
        tag,
        replies: replies_path(post)
            .filter(|_| !keys.replies.is_empty())
            .map(|path| site.config.base_url.absolute(path.as_str())),
    }
}

/// Where that is which a text is about.
fn place_of(text: &Document) -> Option<activity::Place> {
    let name = text.details.location()?.to_owned();
    Some(activity::Place { r#type: PLACE.to_owned(), name })
}

/// The tags of a page as hashtags, and as links for the end of the text.
fn hashtags(site: &Site, post: &Post, text: &Document) -> (Vec<Hashtag>, Vec<String>) {
    let taxonomy = site.config.taxonomies.iter().position(|taxonomy| taxonomy.name == "tags");
    let page = match post.text {
        PostText::Page(page) => Some(site.page(page)),
        PostText::Hidden(_) | PostText::Withdrawn(_) => None,
    };
    let terms = page.and_then(|page| page.terms.iter().find(|(index, _)| Some(*index) == taxonomy));
    let home = &site.section(site.home(text.language)).output;
    let names = text.front.terms.iter().filter(|(name, _)| name == "tags");
    let names: Vec<&str> =
        names.flat_map(|(_, terms)| terms).map(|(name, _)| name.as_str()).collect();
    let mut known = HashSet::new();
    let tags = names.into_iter().filter_map(|name| {
        let tag = hashtag(name)?;
        if !known.insert(tag.to_lowercase()) {
            return None;
        }
        let ids = terms.map_or(&[][..], |(_, ids)| ids);
        let slug = crate::path::slugify(name, &site.config.language(text.language).code);
        let of_name =
            |id: &&_| site.term(**id).output.as_str().ends_with(&format!("/{slug}/index.html"));
        let output = ids.iter().find(of_name).map_or(home, |id| &site.term(*id).output);
        let href = site.permalink(output);
        Some(Hashtag { r#type: "Hashtag".to_owned(), href, name: format!("#{tag}") })
    });
    let tags: Vec<Hashtag> = tags.collect();
    let link = |tag: &Hashtag| {
        let (href, name) = (escaped(&tag.href), escaped(&tag.name));
        format!("<a href=\"{href}\" class=\"mention hashtag\" rel=\"tag\">{name}</a>")
    };
    let links = tags.iter().map(link).collect();
    (tags, links)
}

/// A term as a hashtag, without its `#`: `bus service` is `BusService`. Servers take letters,
/// digits and `_`, but not digits alone.
pub(super) fn hashtag(name: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = name.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    let tag: String = match words.as_slice() {
        [word] => (*word).to_owned(),
        words => words.iter().map(|word| capitalised(word)).collect(),
    };
    tag.chars().any(char::is_alphabetic).then_some(tag)
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A file that goes with a post.
struct Shown<'s> {
    output: &'s OutputPath,
    alt: Option<String>,
    focus: Option<(f64, f64)>,
}

/// The picture of a page and those in its text, as far as they are files of the site; and a
/// recording that goes with it.
fn attachments(site: &Site, text: &Document, shown: &[(String, String)]) -> Vec<Attachment> {
    let front = &text.front;
    let mut files: Vec<Shown<'_>> = Vec::new();
    if let Some(image) = &front.image
        && let Some(asset) = find_file(site, text, &image.path)
    {
        let alt = Some(image.alt.clone());
        files.push(Shown { output: &asset.output, alt, focus: front.post.image_focus });
    }
    for (url, alt) in shown {
        let address = url.strip_prefix(site.config.base_url.as_str());
        let address = address.map(|address| address.trim_start_matches('/')).unwrap_or_default();
        let path = percent_decode_str(address).decode_utf8_lossy();
        let index = site.asset_paths.get(&*path);
        let output = index.map(|index| &site.assets[*index].output);
        if let Some(output) = output.filter(|output| files.iter().all(|f| f.output != *output)) {
            files.push(Shown { output, alt: Some(alt.clone()), focus: None });
        }
    }
    files.retain(|file| is_shown_elsewhere(media_type(file.output.as_str())));
    files.truncate(PICTURES_MAX);
    let recording = front.enclosure.as_deref().and_then(|(path, _)| find_file(site, text, path));
    if let Some(asset) = recording.filter(|asset| {
        let kind = media_type(asset.output.as_str());
        files.is_empty() && (kind.starts_with("audio/") || kind.starts_with("video/"))
    }) {
        files.push(Shown { output: &asset.output, alt: None, focus: None });
    }
    let attachment = |Shown { output, alt, focus }: Shown<'_>| {
        let media_type = media_type(output.as_str());
        let alt = alt.filter(|alt| !alt.is_empty());
        let r#type = match media_type.split('/').next() {
            Some("image") => "Image",
            Some("audio") => "Audio",
            Some("video") => "Video",
            _ => "Document",
        };
        Attachment {
            r#type: r#type.to_owned(),
            media_type: media_type.to_owned(),
            url: site.permalink(output),
            summary: alt.clone(),
            name: alt,
            focal_point: focus,
        }
    };
    files.into_iter().map(attachment).collect()
}

/// Pictures that Mastodon takes with a post (`media_attachment.rb`).
fn is_shown_elsewhere(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif")
}

impl Object {
    fn nothing(id: &str) -> Self {
        Self {
            context: None,
            id: id.to_owned(),
            r#type: "Tombstone".to_owned(),
            attributed_to: String::new(),
            to: Vec::new(),
            cc: Vec::new(),
            published: String::new(),
            updated: None,
            url: None,
            name: None,
            summary: None,
            sensitive: false,
            content: String::new(),
            content_map: Map::new(),
            start_time: None,
            end_time: None,
            location: None,
            attachment: Vec::new(),
            tag: Vec::new(),
            replies: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hashtag;

    #[test]
    fn a_term_becomes_a_hashtag_that_servers_take() {
        let cases = [
            ("buses", Some("buses")),
            ("bus service", Some("BusService")),
            ("#buses", Some("buses")),
            ("öffentlicher verkehr", Some("ÖffentlicherVerkehr")),
            ("2026", None),
            ("20mph zones", Some("20mphZones")),
            ("!!", None),
        ];
        for (name, tag) in cases {
            assert_eq!(hashtag(name).as_deref(), tag, "{name}");
        }
    }
}
