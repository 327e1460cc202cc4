//! Accounts and their posts.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Linker;
use crate::artifact::media_type;
use crate::config::{ActorId, Image};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::key::PublicKey;
use crate::limits::ICON_BYTES_MAX;
use crate::load::read::InputFile;
use crate::load::record::{RecordedPost, actor_path};
use crate::model::{
    Account, Destination, Kind, PageId, Post, PostId, PostKind, PostText, RecordedActor,
};
use crate::node::Placed;
use crate::path::{OutputPath, SourcePath};

/// What every server shows in a profile (Mastodon, `account/avatar.rb`).
const PICTURE_TYPES: &[&str] = &["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Where a document lies once the site is linked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lies {
    Shown(usize),
    Hidden(usize),
}

impl Linker<'_> {
    /// Adds the accounts, and their posts. `places` has where each text has gone.
    pub(super) fn add_accounts(
        &mut self,
        actors: &[RecordedActor],
        posts: Vec<RecordedPost>,
        places: &[Lies],
        files: &[InputFile],
    ) {
        let ids: Vec<ActorId> = self.site.config.actor_ids().collect();
        for id in &ids {
            self.check_voice(*id);
        }
        let accounts: Vec<Account> =
            ids.iter().map(|id| self.account(*id, actors, files)).collect();
        self.site.accounts = accounts;
        self.check_bluesky();
        self.add_posts(posts, places);
    }

    fn account(&mut self, id: ActorId, actors: &[RecordedActor], files: &[InputFile]) -> Account {
        let actor = self.site.config.actor(id).clone();
        let user = actor.user.0.clone();
        let page = self.page_of(id);
        // A preview shows the handle that there will be.
        let (authority, _) = self.site.config.home_url.authority_and_path();
        let handle = format!("{user}@{authority}");
        let recorded = actors.iter().find(|known| known.user == user);
        let published = recorded.map(|known| known.published);
        let zone = &self.site.config.zone;
        let published = published.unwrap_or_else(|| crate::time::Moment::epoch(zone));
        let max = ICON_BYTES_MAX;
        Account {
            id: self.site.config.base_url.absolute(&actor_path(&user)),
            folder: format!("ap/{user}"),
            handle,
            page,
            published,
            public_key: self.public_key(id, files),
            icon: actor.icon.and_then(|image| self.profile_picture(&image, max)),
            header: actor.header.and_then(|image| self.profile_picture(&image, max)),
            posts: Vec::new(),
        }
    }

    /// The page that shows an account: the one that it names, that of the only person or section
    /// it speaks for, else the front page.
    fn page_of(&mut self, id: ActorId) -> OutputPath {
        let actor = self.site.config.actor(id);
        let language = actor.voice.languages[0];
        let named = actor
            .page
            .as_ref()
            .map(|(page, span)| (page.trim_start_matches("@/").to_owned(), Some(span.clone())));
        let of_voice = match (&*actor.voice.people, &*actor.voice.sections, &*actor.voice.terms) {
            ([(person, _)], [], []) => Some(person.clone()),
            ([], [(section, _)], []) => Some(format!("{section}/_index.md")),
            _ => None,
        };
        let names = match (&named, of_voice) {
            (Some((name, _)), _) => vec![name.clone()],
            (None, Some(key)) => {
                vec![key.clone(), format!("{key}.md"), format!("{key}/index.md")]
            }
            (None, None) => Vec::new(),
        };
        let output = names.iter().find_map(|name| match self.site.destinations.get(name)? {
            Destination::Page(ids) => {
                ids.get(language.0).map(|id| self.site.page(*id).output.clone())
            }
            Destination::Section(ids) => {
                ids.get(language.0).map(|id| self.site.section(*id).output.clone())
            }
            Destination::Unpublished(_) => None,
        });
        if let (Some((name, Some(span))), None) = (named, &output) {
            let place = self.config_place(span);
            let near = nearest(&name, self.site.destinations.keys().map(String::as_str));
            let near = near.map(str::to_owned);
            self.problems.push(Diagnostic::unknown_voice(place, "page", &name, near.as_deref()));
        }
        output.unwrap_or_else(|| self.site.section(self.site.home(language)).output.clone())
    }

    fn config_place(&self, span: std::ops::Range<usize>) -> Place {
        self.config_source.place(span)
    }

    /// Says when an account names what is not there.
    fn check_voice(&mut self, id: ActorId) {
        let voice = self.site.config.actor(id).voice.clone();
        let folders: Vec<&str> = self.site.sections.iter().map(|s| s.folder.as_str()).collect();
        let keys = || self.texts.iter().map(|text| self.key_of(text));
        let mut problems = Vec::new();
        let mut missing = |key: &str, (name, span): &Placed<String>, near: Option<&str>| {
            let place = self.config_source.place(span.clone());
            problems.push(Diagnostic::unknown_voice(place, key, name, near));
        };
        for section in &voice.sections {
            let below = format!("{}/", section.0);
            let is_folder = || keys().any(|key| key.starts_with(&below));
            if !folders.contains(&section.0.as_str()) && !is_folder() {
                missing("sections", section, nearest(&section.0, folders.iter().copied()));
            }
        }
        for person in &voice.people {
            if !keys().any(|key| key == person.0) {
                missing("people", person, nearest(&person.0, keys()));
            }
        }
        let taxonomies = &self.site.config.taxonomies;
        for term in &voice.terms {
            let known = term.0.split_once('/').is_some_and(|(name, slug)| {
                !slug.is_empty() && taxonomies.iter().any(|taxonomy| taxonomy.name == name)
            });
            if !known {
                missing("terms", term, None);
            }
        }
        self.problems.append(&mut problems);
    }

    /// The public key of an account, which lies with the sources.
    fn public_key(&mut self, id: ActorId, files: &[InputFile]) -> String {
        let (user, span) = self.site.config.actor(id).user.clone();
        let path = format!("keys/{user}.pem");
        let file = files.iter().find(|file| file.path.as_str() == path);
        let Some(text) = file.and_then(|file| file.text.clone()) else {
            let place = self.config_place(span);
            self.problems.push(Diagnostic::key_missing(place, &user));
            return String::new();
        };
        match PublicKey::parse(&text) {
            Ok(key) => key.to_pem(),
            Err(problem) => {
                let place = Place::file(&SourcePath::new(path));
                self.problems.push(Diagnostic::bad_key(place, &user, &problem));
                String::new()
            }
        }
    }

    fn profile_picture(&mut self, image: &Image, max: u64) -> Option<usize> {
        let place = self.config_place(image.span.clone());
        let found = self.site.asset_paths.get(image.path.trim_start_matches('/')).copied();
        let problem = match found.map(|index| &self.site.assets[index]) {
            None => Diagnostic::actor_picture_missing(place, &image.path),
            Some(asset) if !PICTURE_TYPES.contains(&media_type(asset.output.as_str())) => {
                Diagnostic::actor_picture_type(place, &image.path)
            }
            Some(asset) if asset.length > max => {
                Diagnostic::actor_picture_size(place, &image.path, max >> 20)
            }
            Some(_) => return found,
        };
        self.problems.push(problem);
        None
    }

    /// A domain is the handle of one account at most.
    fn check_bluesky(&mut self) {
        let mut handles: HashMap<String, ActorId> = HashMap::new();
        let (authority, _) = self.site.config.base_url.authority_and_path();
        let home = authority.to_owned();
        for id in self.site.config.actor_ids() {
            let actor = self.site.config.actor(id);
            let Some(bluesky) = &actor.bluesky else { continue };
            let handle = bluesky.handle.clone().unwrap_or_else(|| home.clone());
            let span = actor.user.1.clone();
            if handles.insert(handle.clone(), id).is_some() {
                let place = self.config_place(span);
                self.problems.push(Diagnostic::bluesky_handle_twice(place, &handle));
            }
        }
    }

    fn add_posts(&mut self, recorded: Vec<RecordedPost>, places: &[Lies]) {
        let mut page_of: HashMap<usize, PageId> = HashMap::new();
        if !recorded.is_empty() {
            for (index, page) in self.site.pages.iter().enumerate() {
                if page.translated {
                    page_of.insert(page.document.0, PageId(index));
                }
            }
        }
        let mut posts: Vec<Post> = recorded
            .into_iter()
            .filter_map(|post| {
                let text = match (post.withdrawn, post.document.map(|index| places[index])) {
                    (Some(withdrawn), _) => PostText::Withdrawn(withdrawn),
                    (None, Some(Lies::Shown(index))) => PostText::Page(*page_of.get(&index)?),
                    (None, Some(Lies::Hidden(index))) => PostText::Hidden(index),
                    (None, None) => return None,
                };
                let shown = match text {
                    PostText::Page(page) => Some(self.site.text_of(page)),
                    PostText::Hidden(_) | PostText::Withdrawn(_) => None,
                };
                if let Some(shown) = shown.filter(|_| post.kind == PostKind::Event)
                    && shown.details.event().is_none()
                    && shown.kind != Kind::Event
                {
                    let place = Place::file(&shown.source.path);
                    self.problems.push(Diagnostic::event_without_start(place));
                }
                Some(Post {
                    actor: post.actor,
                    id: self.site.config.base_url.absolute(&post.path),
                    output: OutputPath::new(&post.path).ok()?,
                    kind: post.kind,
                    published: post.published,
                    updated: post.updated,
                    text,
                })
            })
            .collect();
        posts.sort_by(|a, b| {
            (Reverse(a.published), &a.output).cmp(&(Reverse(b.published), &b.output))
        });
        for (index, post) in posts.iter().enumerate() {
            match post.text {
                PostText::Page(page) => {
                    self.site.post_of.insert(page, PostId(index));
                }
                PostText::Hidden(_) => {}
                PostText::Withdrawn(_) => continue,
            }
            self.site.accounts[post.actor.0].posts.push(PostId(index));
        }
        self.site.posts = posts;
    }
}

/// Private keys that lie where they would be published.
pub(super) fn private_keys(files: &[InputFile]) -> Vec<Diagnostic> {
    let is_private = |file: &&InputFile| {
        file.text.as_deref().is_some_and(|text| text.contains("PRIVATE KEY-----"))
            && file.path.has_extension(&["pem"])
            && file.path.inside("keys").is_none()
    };
    let found = files.iter().filter(is_private);
    found.map(|file| Diagnostic::private_key_in_site(Place::file(&file.path))).collect()
}
