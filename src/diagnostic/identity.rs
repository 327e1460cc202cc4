//! Diagnostics about accounts, their keys and their posts.

use super::{Diagnostic, Place};
use crate::key::KeyProblem;
use crate::limits::FEDIVERSE_BYTES_MAX;
use crate::path::UserNameProblem;

impl Diagnostic {
    pub(crate) fn actor_without_user(place: Place) -> Self {
        Self::error("actor-without-user", "this account has no name")
            .at(place)
            .help("write `user = \"news\"`: what stands before the `@` in its handle")
    }

    pub(crate) fn bad_user_name(place: Place, user: &str, problem: UserNameProblem) -> Self {
        let lower = user.to_lowercase();
        let help = match problem {
            UserNameProblem::Capital if crate::path::check_user_name(&lower).is_ok() => {
                format!("some servers only find names in small letters: write `user = \"{lower}\"`")
            }
            _ => "choose a short plain name, such as `news`; `name` is what people see".to_owned(),
        };
        let message = format!("`{user}` is no name for an account: {problem}");
        Self::error("bad-user-name", message).at(place).help(help)
    }

    pub(crate) fn actor_twice(second: Place, first: Place, user: &str) -> Self {
        Self::error("actor-twice", format!("two accounts are called `{user}`"))
            .at(second)
            .also(first, "the other account")
            .help("give one of them another `user`")
    }

    pub(crate) fn too_many_of(place: Place, what: &str, max: usize) -> Self {
        Self::error("too-many", format!("there are more than {max} {what}"))
            .at(place)
            .help("servers take no more; leave some out")
    }

    pub(crate) fn bad_did(place: Place, did: &str) -> Self {
        Self::error("bad-did", format!("`{did}` is no DID of Bluesky")).at(place).help(
            "in the Bluesky app under Settings, Account, Handle, “I have my own domain” shows \
                 it: `did:plc:` and 24 letters and digits",
        )
    }

    pub(crate) fn bad_bluesky_handle(place: Place, handle: &str) -> Self {
        Self::error("bad-bluesky-handle", format!("`{handle}` is no domain"))
            .at(place)
            .help("write the domain alone, such as `party.example` or `nia.party.example`")
    }

    pub(crate) fn bad_follow_email(place: Place, text: &str) -> Self {
        let message = format!("`{text}` is neither an e-mail address nor an https address");
        Self::error("bad-follow-email", message).at(place).help(
            "write an address such as `news@party.example`, or the page where people sign up, \
             with `https://` at the beginning",
        )
    }

    pub(crate) fn follow_not_generated(place: Place) -> Self {
        Self::warning("follow-not-generated", "`[follow]` is for a page that is not made")
            .at(place)
            .help("write `generate_follow = true` above the first table, or remove `[follow]`")
    }

    pub(crate) fn nothing_to_follow(place: Place) -> Self {
        Self::warning("nothing-to-follow", "the page that says how to follow has nothing to say")
            .at(place)
            .help(
                "add `[[actors]]`, a `[follow]` with `bluesky` or `email`, or feeds; or remove \
                 `generate_follow`",
            )
    }

    pub(crate) fn bluesky_handle_twice(place: Place, handle: &str) -> Self {
        Self::error("bluesky-handle-twice", format!("two accounts have the handle `{handle}`"))
            .at(place)
            .help("give one of them another `bluesky_handle`, such as `nia.party.example`")
    }

    pub(crate) fn bad_header(place: Place, key: &str) -> Self {
        Self::error("bad-header", format!("`{key}` cannot be sent by a server"))
            .at(place)
            .help("write it on one line, with plain letters, and `'self'` with single quotes")
    }

    pub(crate) fn actors_need_https(place: Place, url: &str) -> Self {
        Self::error("actors-need-https", format!("accounts cannot be at `{url}`"))
            .at(place)
            .help("other servers only ask addresses that begin with `https://`; write that")
    }

    pub(crate) fn actors_need_root(place: Place, path: &str) -> Self {
        let message = format!("accounts are found at the root of a domain, not below `{path}`");
        Self::error("actors-need-root", message).at(place).help(
            "give the site a domain of its own, such as `https://branch.party.example`, or leave \
             out `[[actors]]`",
        )
    }

    pub(crate) fn host_with_dot(place: Place, host: &str) -> Self {
        Self::error("host-with-dot", format!("the domain `{host}` ends in a dot"))
            .at(place)
            .help("leave the dot out: handles and ids with it are others than without")
    }

    pub(crate) fn host_is_written(place: Place, host: &str) -> Self {
        let message = format!("other servers know this domain as `{host}`");
        Self::error("host-written", message)
            .at(place)
            .help(format!("write `base_url = \"https://{host}\"`, so that you see what they see"))
    }

    pub(crate) fn unknown_voice(place: Place, key: &str, name: &str, near: Option<&str>) -> Self {
        let (what, help) = match key {
            "sections" => ("section", "a section is a folder in `content/`, such as `news`"),
            "people" => ("page", "a page of a person is named like `people/nia`"),
            "page" => ("page", "a page is named like `@/people/nia.md`"),
            _ => ("term", "a term is written with its taxonomy, such as `tags/buses`"),
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => help.to_owned(),
        };
        let message = format!("there is no {what} `{name}` in this site");
        Self::error("unknown-voice", message).at(place).help(help)
    }

    pub(crate) fn actor_picture_missing(place: Place, name: &str) -> Self {
        Self::error("actor-picture-missing", format!("there is no picture `{name}`"))
            .at(place)
            .help("put it into `static/` and write its path, such as `/img/logo.png`")
    }

    pub(crate) fn actor_picture_type(place: Place, name: &str) -> Self {
        Self::error("actor-picture-type", format!("servers do not show `{name}` in profiles"))
            .at(place)
            .help("use a PNG, JPEG, WebP or GIF; an icon is square, 400 by 400 is good")
    }

    pub(crate) fn actor_picture_size(place: Place, name: &str, mib: u64) -> Self {
        Self::error("actor-picture-size", format!("`{name}` has more than {mib} MiB"))
            .at(place)
            .help("servers refuse it: make it smaller, 400 by 400 is enough for an icon")
    }

    pub(crate) fn key_missing(place: Place, user: &str) -> Self {
        Self::error("key-missing", format!("the account `{user}` has no key in `keys/{user}.pem`"))
            .at(place)
            .help(format!(
                "`sitegen key new {user}` makes one; if there was one, restore the file from \
                 version control: another key costs you your followers"
            ))
    }

    pub(crate) fn bad_key(place: Place, user: &str, problem: &KeyProblem) -> Self {
        Self::error("bad-key", format!("the public key of `{user}` cannot be used: {problem}"))
            .at(place)
            .help(format!(
                "restore the file from version control, or see `sitegen key show {user}`"
            ))
    }

    pub(crate) fn private_key_in_site(place: Place) -> Self {
        Self::error("private-key", "this is a private key, and would be published with the site")
            .at(place)
            .help(
                "move it out of the site; private keys of accounts lie in `.sitegen/keys/`. If the \
                 site was ever uploaded with it, make a new key",
            )
    }

    pub(crate) fn post_vanished(place: Place, source: &str, (how, remedy): (&str, &str)) -> Self {
        let message = format!("this post was published on the fediverse and {how}");
        Self::error("post-vanished", message).at(place).help(format!(
            "{remedy}; or take the post back for ever, on other servers too: `sitegen withdraw \
             {source}`"
        ))
    }

    pub(crate) fn name_was_withdrawn(place: Place) -> Self {
        let message = "a post of this name was taken back, so this new text would not be published";
        Self::error("name-withdrawn", message)
            .at(place)
            .help("give the file another name; or, if it is the old text, set `withdrawn = true`")
    }

    pub(crate) fn post_id_changes(place: Place, id: &str, wanted: &str) -> Self {
        let message = format!("the id `{id}` is given out for ever, and cannot become `{wanted}`");
        Self::error("post-id-changes", message).at(place).help(
            "restore `base_url` and `[[actors]]` in site.toml: other servers know accounts and \
             posts only by their ids. If the site was never online, delete published.toml and \
             `.sitegen/recorded`, and begin anew",
        )
    }

    pub(crate) fn actor_vanished(place: Place, id: &str) -> Self {
        Self::error("actor-vanished", format!("the account `{id}` is no longer in site.toml"))
            .at(place)
            .help(
                "restore its `[[actors]]`, for people may follow it. If nobody can, or it has \
                 ended, remove its `[[actor]]` and the `fediverse` lines of its posts from \
                 published.toml",
            )
    }

    pub(crate) fn recorded_actor_twice(place: Place, user: &str) -> Self {
        Self::error("recorded-actor-twice", format!("the account `{user}` is recorded twice"))
            .at(place)
            .help("two copies of the site have added it: keep the older of the two entries")
    }

    pub(crate) fn fediverse_twice(second: Place, first: Place, id: &str) -> Self {
        Self::error("fediverse-twice", format!("two posts have the address `{id}`"))
            .at(second)
            .also(first, "the other post")
            .help("a merge may have gone wrong: remove the `fediverse` line of the newer one")
    }

    pub(crate) fn post_withdrawn(place: Place, id: &str) -> Self {
        Self::note("post-withdrawn", format!("taken back: `{id}`"))
            .at(place)
            .help("it stays so for ever. The file can be deleted; a new text needs another name")
    }

    /// `bytes` is the size of its document.
    pub(crate) fn post_large(place: Place, bytes: usize) -> Self {
        let (kb, max) = (bytes.div_ceil(1024), FEDIVERSE_BYTES_MAX >> 10);
        let message =
            format!("this post has {kb} kB on the fediverse, and Misskey refuses more than {max}");
        Self::warning("post-large", message).at(place).help(
            "shorten the text or divide it; or write `posts = \"note\"` into the `_index.md` of \
             its section: then its beginning and a link to the page go out",
        )
    }
}
