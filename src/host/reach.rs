//! What a site reaches on its host, told to people who are no administrators.

use super::{HostPlan, abilities};
use crate::config::Host;

/// How far the actors of a site get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Other servers can look the name up, but refuse to read what it leads to.
    NameOnly,
    /// People find the actor and its posts, and cannot follow it.
    Readable,
    /// People can follow the actor.
    Followable,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NameOnly => "name only",
            Self::Readable => "found and readable",
            Self::Followable => "followable",
        }
    }
}

/// What a site reaches, and what is missing for more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) level: Level,
    /// Each says what the host cannot do, what people will see, and what to do about it.
    pub(crate) missing: Vec<String>,
}

impl HostPlan {
    /// How far the actors of the site get. None when it has no actors.
    pub(crate) fn reach(&self) -> Option<Reach> {
        if self.fingers.is_empty() {
            return None;
        }
        let can = abilities::of(self.host);
        let mut missing = Vec::new();
        if !can.headers {
            missing.push(self.no_types());
        }
        if can.headers && self.host == Host::S3 {
            missing.push(
                "S3 learns the types of files when they are uploaded, and without them other \
                 servers refuse to read the posts. Upload with the commands that sitegen shows \
                 for this host"
                    .to_owned(),
            );
        }
        if can.resources.is_none() && self.fingers.len() > 1 {
            missing.push(self.one_name());
        }
        let is_followable = can.headers && self.has_post_office();
        if can.headers && !is_followable {
            missing.push(self.no_post_office());
        }
        let level = match (can.headers, is_followable) {
            (false, _) => Level::NameOnly,
            (true, false) => Level::Readable,
            (true, true) => Level::Followable,
        };
        Some(Reach { level, missing })
    }

    fn no_types(&self) -> String {
        let sends = if self.host == Host::Plain {
            "A host of which nothing is known may send these files with a type that Mastodon \
             refuses"
                .to_owned()
        } else {
            format!("{} sends these files with a type that Mastodon refuses", self.host.title())
        };
        let then = if self.host == Host::Plain {
            "If yours is one that sitegen knows, name it in site.toml under `host`; or use"
        } else {
            "Use"
        };
        format!(
            "{sends}: other servers can look the name up, but people see no profile and no \
             posts. {then} Netlify or Cloudflare Pages (free) or a small server; the addresses \
             stay the same"
        )
    }

    fn one_name(&self) -> String {
        let handle = |finger: &super::Finger| format!("@{}@{}", finger.user, finger.host);
        let others: Vec<String> = self.fingers.iter().skip(1).map(handle).collect();
        let first = self.fingers.first().map(handle).unwrap_or_default();
        format!(
            "{} gives the same answer whatever name is looked up: only {first} is found by its \
             name, {} not. Use Netlify (free) or a small server to have all of them found",
            self.host.title(),
            others.join(", ")
        )
    }

    fn no_post_office(&self) -> String {
        let title = self.host.title();
        let passes_on = abilities::of(self.host).passes_on;
        let stays = "so a request to follow stays open for ever";
        let Some(post_office) = &self.post_office else {
            let then = if passes_on == abilities::PassesOn::Never {
                format!(
                    "{title} cannot pass them on to one. Use Netlify or a small server, with a \
                     post office"
                )
            } else {
                "there is none yet. Run one and name it in site.toml under `post_office`".to_owned()
            };
            return format!(
                "People can read and not follow: requests to follow go to a post office, and \
                 {then}"
            );
        };
        match passes_on {
            abilities::PassesOn::Public => format!(
                "{title} can pass requests on to a public address with https only, and \
                 {post_office} is none, {stays}. Give the post office such an address, or use a \
                 small server for the site"
            ),
            abilities::PassesOn::Near => format!(
                "{title} can pass requests on to a numeric address without https only, and \
                 {post_office} is none, {stays}. Write one such as http://127.0.0.1:8025"
            ),
            abilities::PassesOn::Any => format!(
                "{post_office} is no address of a post office, {stays}. Write one such as \
                 http://127.0.0.1:8025"
            ),
            abilities::PassesOn::Never => format!(
                "{title} cannot pass requests on to the post office at {post_office}, {stays}. Use \
                 Netlify with a post office that has a public address, or a small server"
            ),
        }
    }
}
