//! `inbox.toml`: what the post office has to know of the site, of which it has no sources.

use std::ops::Range;
use std::str::FromStr;

use crate::config::BaseUrl;
use crate::diagnostic::{Diagnostic, Source, Wanted};
use crate::federation::{Approval, Local};
use crate::net::address::AddressRange;
use crate::net::pinned::Pinned;
use crate::node::{Fields, Node, Placed, Syntax, Value, parse};
use crate::path::check_user_name;

/// Its name, in the folder in which the post office runs.
pub(crate) const FILE: &str = "inbox.toml";

/// Where the post office listens, unless somebody wants another place: only the web server on the
/// same machine reaches it.
pub(crate) const LISTEN_DEFAULT: &str = "127.0.0.1:8025";

/// What the post office works by.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The address of the site: `https://www.party.example`.
    pub(crate) site: BaseUrl,
    /// Where the output of the site lies, when it is on this machine; it is not asked for over the
    /// net then. Relative to the folder of `inbox.toml`.
    pub(crate) folder: Option<String>,
    /// The address and port to listen at.
    pub(crate) listen: String,
    /// Servers whose word counts for who sent a request, and for which name it was.
    pub(crate) proxies: Vec<AddressRange>,
    /// The actors of the site.
    pub(crate) actors: Vec<Local>,
    /// How many followers all of them may have together, when it is not the usual number.
    pub(crate) followers_max: Option<usize>,
    /// Where requests lie that were taken without being looked at.
    pub(crate) spool: Option<String>,
    /// Addresses that may be asked although they are not public.
    pub(crate) allowed: Vec<AddressRange>,
    /// Names that are not looked up.
    pub(crate) pinned: Vec<Pinned>,
    /// A file with certificates to trust instead of those that browsers know.
    pub(crate) ca_file: Option<String>,
}

impl Settings {
    /// The host of the site as it stands in requests: `www.party.example`, with an unusual port.
    pub(crate) fn host(&self) -> &str {
        self.site.authority_and_path().0
    }

    /// The actor of that user name.
    pub(crate) fn actor(&self, user: &str) -> Option<&Local> {
        self.actors.iter().find(|local| local.user == user)
    }

    /// What makes the post office less safe than it is meant to be, for its log.
    pub(crate) fn exceptions(&self) -> Vec<String> {
        let mut list: Vec<String> = self
            .allowed
            .iter()
            .map(|range| format!("asks {range} although it may not be public"))
            .collect();
        if let Some(file) = &self.ca_file {
            list.push(format!("trusts the certificates in {file} instead of the usual ones"));
        }
        if !self.pinned.is_empty() {
            list.push("does not look up the names in `resolve`".to_owned());
        }
        list
    }
}

/// The id of an actor of a site, which follows from its name.
pub(crate) fn actor_id(site: &BaseUrl, user: &str) -> String {
    format!("{}/ap/{user}/actor.json", site.as_str())
}

/// Reads `inbox.toml`. `None` when it is not good enough to work by; the diagnostics say why.
pub(crate) fn read(source: &Source) -> (Option<Settings>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let entries = match parse(source, 0..source.text.len(), Syntax::Toml) {
        Ok(Node { value: Value::Table(entries), .. }) => entries,
        Ok(_) => Vec::new(),
        Err(errors) => return (None, errors),
    };
    let settings = read_table(source, Fields::new(source, entries, &mut problems));
    (settings.filter(|_| problems.is_empty()), problems)
}

fn read_table(source: &Source, mut fields: Fields<'_>) -> Option<Settings> {
    let site = read_site(source, &mut fields);
    let folder = fields.text("folder");
    let listen = fields.placed_text("listen").map(|listen| checked_listen(&mut fields, listen));
    let proxies = parsed(&mut fields, "proxies");
    let approvals = [("automatic", Approval::Automatic), ("manual", Approval::Manual)];
    let approval = fields.word("approve", &approvals).unwrap_or_default();
    let followers_max = fields.count("followers_max");
    let spool = fields.text("spool");
    let allowed = parsed(&mut fields, "allow_addresses").unwrap_or_default();
    let pinned = parsed(&mut fields, "resolve").unwrap_or_default();
    let ca_file = fields.text("ca_file");
    // Tables come last: by then it is known which keys belong above them.
    let actors = read_actors(source, &mut fields, site.as_ref(), approval);
    fields.finish();
    Some(Settings {
        site: site?,
        folder,
        listen: listen.unwrap_or_else(|| LISTEN_DEFAULT.to_owned()),
        // The web server on the same machine.
        proxies: proxies.unwrap_or_else(|| {
            ["127.0.0.0/8", "::1"].iter().filter_map(|range| range.parse().ok()).collect()
        }),
        actors,
        followers_max,
        spool,
        allowed,
        pinned,
        ca_file,
    })
}

fn read_site(source: &Source, fields: &mut Fields<'_>) -> Option<BaseUrl> {
    let Some((text, span)) = fields.placed_text("site") else {
        if !fields.has("site") {
            fields.report(Diagnostic::office_without_site(crate::diagnostic::Place::file(
                &source.path,
            )));
        }
        return None;
    };
    let place = fields.place(span);
    match BaseUrl::parse(&text) {
        Ok(site) if !site.as_str().starts_with("https://") => {
            fields.report(Diagnostic::actors_need_https(place, &text));
            None
        }
        Ok(site) if site.root() != "/" => {
            fields.report(Diagnostic::actors_need_root(place, &site.root()));
            None
        }
        Ok(site) => Some(site),
        Err(_) => {
            fields.report(Diagnostic::not_a_web_address(place, "site", &text));
            None
        }
    }
}

fn checked_listen(fields: &mut Fields<'_>, (text, span): Placed<String>) -> String {
    if text.parse::<std::net::SocketAddr>().is_err() {
        let place = fields.place(span);
        fields.report(Diagnostic::not_an_address_with_port(place, "listen", &text));
    }
    text
}

/// A list of texts, each of which has a meaning.
fn parsed<T: FromStr<Err = String>>(fields: &mut Fields<'_>, key: &'static str) -> Option<Vec<T>> {
    let texts = fields.texts(key)?;
    let mut parse = |(text, span): (String, Range<usize>)| match text.parse::<T>() {
        Ok(value) => Some(value),
        Err(reason) => {
            let place = fields.place(span);
            fields.report(Diagnostic::not_understood(place, key, &reason));
            None
        }
    };
    Some(texts.into_iter().filter_map(&mut parse).collect())
}

fn read_actors(
    source: &Source,
    fields: &mut Fields<'_>,
    site: Option<&BaseUrl>,
    approval: Approval,
) -> Vec<Local> {
    let mut actors: Vec<Local> = Vec::new();
    let above = fields.known();
    let items = match fields.node("actors") {
        Some(Node { value: Value::List(items), .. }) => items,
        Some(node) => {
            fields.wrong("actors", Wanted::ACTORS, &node);
            return actors;
        }
        None => Vec::new(),
    };
    if items.is_empty() {
        fields.report(Diagnostic::office_without_actors(crate::diagnostic::Place::file(
            &source.path,
        )));
    }
    for item in items {
        let Value::Table(entries) = item.value else {
            fields.wrong("actors", Wanted::ACTORS, &item);
            continue;
        };
        let mut inner = fields.inner(entries).below(above.clone());
        let words = [("automatic", Approval::Automatic), ("manual", Approval::Manual)];
        let own = inner.word("approve", &words);
        let user = inner.placed_text("user");
        match user {
            None => {
                let place = inner.place(item.span.clone());
                inner.report(Diagnostic::actor_without_user(place));
            }
            Some((user, span)) => {
                let place = inner.place(span);
                if let Err(problem) = check_user_name(&user) {
                    inner.report(Diagnostic::bad_user_name(place, &user, problem));
                } else if actors.iter().any(|local| local.user == user) {
                    inner.report(Diagnostic::actor_twice(place.clone(), place, &user));
                } else if let Some(site) = site {
                    let (id, approval) = (actor_id(site, &user), own.unwrap_or(approval));
                    actors.push(Local { user, id, approval });
                }
            }
        }
        inner.finish();
    }
    actors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::SourcePath;

    fn codes(text: &str) -> Vec<String> {
        let (_, problems) = read(&Source::new(SourcePath::new(FILE), text));
        problems.iter().map(|problem| problem.code().to_owned()).collect()
    }

    const GOOD: &str = "site = \"https://www.party.example\"\n[[actors]]\nuser = \"news\"\n";

    #[test]
    fn little_has_to_be_said() {
        let (settings, problems) = read(&Source::new(SourcePath::new(FILE), GOOD));
        assert!(problems.is_empty());
        let settings = settings.unwrap();
        assert_eq!(settings.host(), "www.party.example");
        assert_eq!(settings.actors[0].id, "https://www.party.example/ap/news/actor.json");
        assert_eq!(settings.listen, LISTEN_DEFAULT);
        assert!(settings.exceptions().is_empty());
    }

    #[test]
    fn c_01_what_is_wrong_is_said() {
        for (line, code) in [
            ("sites = 1", "unknown-key"),
            ("listen = \"8025\"", "not-an-address"),
            ("proxies = [\"10.0.0\"]", "not-understood"),
            ("allow_addresses = [\"localhost\"]", "not-understood"),
            ("resolve = [\"a\"]", "not-understood"),
            ("approve = \"yes\"", "not-a-choice"),
            ("followers_max = -1", "negative-number"),
            ("listen = 8025", "wrong-type"),
        ] {
            assert_eq!(codes(&format!("{line}\n{GOOD}")), [code], "{line}");
        }
        let site = |site: &str| codes(&GOOD.replace("https://www.party.example", site));
        assert_eq!(site("http://www.party.example"), ["actors-need-https"]);
        assert_eq!(site("https://www.party.example/branch"), ["actors-need-root"]);
        assert_eq!(site("www.party.example"), ["not-a-web-address"]);
        assert_eq!(codes(""), ["office-without-site", "office-without-actors"]);
        assert_eq!(codes("site = "), ["syntax"]);
    }

    #[test]
    fn what_is_less_safe_is_told() {
        let text = format!("ca_file = \"ca.pem\"\nallow_addresses = [\"10.0.0.0/8\"]\n{GOOD}");
        let (settings, _) = read(&Source::new(SourcePath::new(FILE), text));
        assert_eq!(settings.unwrap().exceptions().len(), 2);
    }
}
