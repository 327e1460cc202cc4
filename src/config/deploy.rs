//! `[deploy.NAME]`: where a built site is brought, and how.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, TargetProblem};
use crate::node::{Fields, Node, Placed, Value, one_line};

/// A place that a site is brought to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeployTarget {
    pub(crate) name: String,
    pub(crate) way: Way,
    /// How many files a deploy may remove without a question; `None` for the default.
    pub(crate) max_deletes: Option<usize>,
    /// Whether the live site is asked afterwards.
    pub(crate) verify: bool,
}

/// How files get there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Rsync(Shell),
    Sftp(Shell),
    S3(Bucket),
    Git(Branch),
    /// A folder of this machine, relative to the site or absolute.
    Local(String),
    /// A program and its arguments; the folder comes last.
    Command(Vec<String>),
}

/// A folder on a machine that is reached by SSH.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shell {
    /// `me@web.example`, or a name from the configuration of SSH.
    pub(crate) host: String,
    /// The folder there.
    pub(crate) folder: String,
    pub(crate) port: Option<u16>,
    /// A private key, relative to the site; the agent and SSH's own files are asked otherwise.
    pub(crate) key_file: Option<String>,
    /// A configuration of SSH instead of the user's own, relative to the site.
    pub(crate) ssh_config: Option<String>,
}

/// A store of files with the interface of Amazon S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    /// What the names of all objects begin with: nothing, or `site/`.
    pub(crate) prefix: String,
    /// `https://s3.fr-par.scw.cloud`
    pub(crate) endpoint: String,
    pub(crate) region: String,
    /// A file with the key, relative to the site; the environment otherwise.
    pub(crate) key_file: Option<String>,
    /// Whether the bucket stands in the path of addresses instead of in the name of the host.
    pub(crate) path_style: bool,
}

/// A branch of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) repository: String,
    pub(crate) name: String,
    /// Where the site lies in it: nothing for its top, or `public`.
    pub(crate) folder: String,
}

#[derive(Clone, Copy)]
enum By {
    Rsync,
    Sftp,
    S3,
    Git,
    Local,
    Command,
}

const WAYS: &[(&str, By)] = &[
    ("rsync", By::Rsync),
    ("sftp", By::Sftp),
    ("s3", By::S3),
    ("git", By::Git),
    ("local", By::Local),
    ("command", By::Command),
];

/// Reads all targets, in their order.
pub(super) fn read(fields: &mut Fields<'_>) -> Vec<DeployTarget> {
    let tables = fields.table("deploy").unwrap_or_default();
    let above = fields.known();
    let mut targets = Vec::new();
    for (key, node) in tables {
        let Node { value: Value::Table(entries), span } = node else {
            let place = fields.place(key.span);
            fields.report(Diagnostic::target_is_no_table(place, &key.name));
            continue;
        };
        let (secrets, entries): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, _)| is_secret(&key.name));
        for (key, _) in secrets {
            // The line would show it.
            let place = Place { excerpt: None, ..fields.place(key.span) };
            fields.report(Diagnostic::secret_in_site(place, &key.name));
        }
        let mut inner = fields.inner(entries).below(above.clone());
        let by = read_way(&mut inner, &span);
        let target = by.and_then(|by| read_target(&mut inner, &key.name, &span, by));
        // Which keys there are, the way decides.
        if by.is_some() {
            inner.finish();
        }
        targets.extend(target);
    }
    targets
}

/// Whether a key is about something that nobody else should know. Where a key lies is no secret.
fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["secret", "pass", "token", "access_key"].iter().any(|word| key.contains(word))
}

/// Whether an address has a password or the like in it.
fn has_secret(address: &str) -> bool {
    // `me:word@web:/var/www`
    let user = address.split_once('@').map_or("", |(user, _)| user);
    let is_in_user = user.contains(':') && !user.contains('/');
    is_in_user
        || url::Url::parse(address).is_ok_and(|url| {
            let is_web = matches!(url.scheme(), "http" | "https");
            url.password().is_some() || (is_web && !url.username().is_empty())
        })
}

fn read_way(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<By> {
    let by = fields.word("by", WAYS);
    if by.is_none() && !fields.has("by") {
        missing(fields, span, TargetProblem::NoWay);
    }
    by
}

fn read_target(
    fields: &mut Fields<'_>,
    name: &str,
    span: &Range<usize>,
    by: By,
) -> Option<DeployTarget> {
    let max_deletes = fields.count("max_deletes");
    let verify = fields.flag("verify").unwrap_or(true);
    let way = match by {
        By::Rsync => read_shell(fields, span).map(Way::Rsync),
        By::Sftp => read_shell(fields, span).map(Way::Sftp),
        By::S3 => read_bucket(fields, span).map(Way::S3),
        By::Git => read_branch(fields, span).map(Way::Git),
        By::Local => read_folder(fields, span).map(Way::Local),
        By::Command => read_command(fields, span).map(Way::Command),
    };
    Some(DeployTarget { name: name.to_owned(), way: way?, max_deletes, verify })
}

fn missing(fields: &mut Fields<'_>, span: &Range<usize>, problem: TargetProblem) {
    let place = fields.place(span.clone());
    fields.report(Diagnostic::bad_target(place, problem));
}

/// The value of a key without which there is no target.
fn needed(
    fields: &mut Fields<'_>,
    key: &'static str,
    span: &Range<usize>,
    problem: TargetProblem,
) -> Option<Placed<String>> {
    let text = fields.placed_text(key).map(|(text, span)| (one_line(&text), span));
    let text = text.filter(|(text, _)| !text.is_empty());
    if let Some((_, span)) = text.as_ref().filter(|(text, _)| has_secret(text)) {
        let place = Place { excerpt: None, ..fields.place(span.clone()) };
        fields.report(Diagnostic::secret_in_site(place, key));
        return None;
    }
    if text.is_none() {
        missing(fields, span, problem);
    }
    text
}

fn read_shell(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Shell> {
    let to = needed(fields, "to", span, TargetProblem::NoPlace("me@web.example:/var/www/site"));
    let port = fields.integer("port").and_then(|(number, span)| {
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            missing(fields, &span, TargetProblem::NoPort);
        }
        port
    });
    let (key_file, ssh_config) = (fields.line("key_file"), fields.line("ssh_config"));
    let web_root = fields.flag("web_root").unwrap_or(false);
    let (to, span) = to?;
    match split_place(&to, web_root) {
        Ok((host, folder)) => Some(Shell { host, folder, port, key_file, ssh_config }),
        Err(problem) => {
            missing(fields, &span, problem);
            None
        }
    }
}

/// `me@web.example:/var/www/site`, with a folder that may belong to a site. Where the folder that
/// one comes into is that of the site alone, as some providers have it, it need not be named.
fn split_place(to: &str, web_root: bool) -> Result<(String, String), TargetProblem> {
    if to.contains("://") {
        return Err(TargetProblem::Address);
    }
    // An address of IPv6 has brackets.
    let colon = match to.find(']') {
        Some(end) => to[end..].find(':').map(|at| at + end),
        None => to.find(':'),
    };
    let (host, folder) = colon.map_or((to, ""), |at| (&to[..at], &to[at + 1..]));
    // What begins with `-` would be an option of the program that is called.
    let is_plain = |c: char| c.is_alphanumeric() || "@.-_[]:%".contains(c);
    if host.is_empty() || host.starts_with('-') || !host.chars().all(is_plain) {
        return Err(TargetProblem::BadHost);
    }
    let folder = folder.trim_end_matches('/');
    let inner: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let is_home = matches!(inner[..], ["home" | "Users", _]);
    let is_systems = matches!(
        inner[..],
        ["~" | "." | "root" | "home" | "Users" | "etc" | "usr" | "var" | "bin" | "lib" | "opt"]
    );
    // `web::module` is a service of its own, without SSH.
    if folder.starts_with(':') {
        return Err(TargetProblem::BadHost);
    }
    if web_root && matches!(inner[..], [] | ["." | "~"]) {
        return Ok((host.to_owned(), ".".to_owned()));
    }
    if inner.is_empty() || is_home || is_systems || inner.contains(&"..") {
        return Err(TargetProblem::TooMuch(to.to_owned()));
    }
    // A folder below the home there is what is meant by no slash at the beginning anyway.
    let folder = folder.strip_prefix("~/").unwrap_or(folder);
    Ok((host.to_owned(), folder.to_owned()))
}

fn read_bucket(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Bucket> {
    let to = needed(fields, "to", span, TargetProblem::NoPlace("name-of-the-bucket"));
    let endpoint = needed(fields, "endpoint", span, TargetProblem::NoEndpoint);
    let region = fields.line("region").unwrap_or_else(|| "us-east-1".to_owned());
    let key_file = fields.line("key_file");
    let path_style = fields.flag("path_style").unwrap_or(true);
    let ((to, to_span), (endpoint, endpoint_span)) = (to?, endpoint?);
    let bare = to.strip_prefix("s3://").unwrap_or(&to);
    let (name, prefix) = bare.split_once('/').unwrap_or((bare, ""));
    // RFC 3986 needs no escapes for these; stores allow no others in the name of a bucket.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if name.is_empty() || !name.chars().all(is_plain) {
        missing(fields, &to_span, TargetProblem::BadBucket);
        return None;
    }
    let is_safe = url::Url::parse(&endpoint).is_ok_and(|url| {
        let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        url.host_str().is_some() && (url.scheme() == "https" || is_loopback)
    });
    if !is_safe {
        missing(fields, &endpoint_span, TargetProblem::BadEndpoint);
        return None;
    }
    let prefix = prefix.trim_matches('/');
    let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
    Some(Bucket { name: name.to_owned(), prefix, endpoint, region, key_file, path_style })
}

fn read_branch(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Branch> {
    let example = "git@codeberg.org:party/pages.git";
    let to = needed(fields, "to", span, TargetProblem::NoPlace(example));
    let branch = needed(fields, "branch", span, TargetProblem::NoBranch);
    let folder = fields.placed_text("folder").unwrap_or_default();
    let ((repository, to_span), (branch, branch_span)) = (to?, branch?);
    if repository.starts_with('-') {
        missing(fields, &to_span, TargetProblem::BadHost);
        return None;
    }
    // `git check-ref-format` allows more; these are what people call branches.
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    let is_odd = branch.starts_with(['-', '/', '.']) || branch.contains("..");
    if is_odd || branch.ends_with(['/', '.']) || !branch.chars().all(is_plain) {
        missing(fields, &branch_span, TargetProblem::NoBranch);
        return None;
    }
    let inner = folder.0.trim_matches('/');
    if inner.split('/').any(|part| matches!(part, "." | ".." | ".git")) {
        missing(fields, &folder.1, TargetProblem::TooMuch(inner.to_owned()));
        return None;
    }
    Some(Branch { repository, name: branch, folder: inner.to_owned() })
}

fn read_folder(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<String> {
    let (to, span) = needed(fields, "to", span, TargetProblem::NoPlace("/srv/www/party"))?;
    if to.starts_with('~') || to.contains('$') {
        missing(fields, &span, TargetProblem::Variable);
        return None;
    }
    Some(to)
}

fn read_command(fields: &mut Fields<'_>, span: &Range<usize>) -> Option<Vec<String>> {
    let parts = fields.texts("run").unwrap_or_default();
    let parts: Vec<String> = parts.into_iter().map(|(text, _)| text).collect();
    if parts.first().is_none_or(|program| program.trim().is_empty()) {
        missing(fields, span, TargetProblem::NoCommand);
        return None;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_behind_ssh_is_a_host_and_a_folder() {
        for (written, host, folder) in [
            ("me@web.example:/var/www/site/", "me@web.example", "/var/www/site"),
            ("web:site", "web", "site"),
            ("web:~/site", "web", "site"),
            ("me@[2001:db8::1]:/srv/www", "me@[2001:db8::1]", "/srv/www"),
        ] {
            let place = split_place(written, false).unwrap();
            assert_eq!(place, (host.to_owned(), folder.to_owned()), "{written}");
        }
    }

    #[test]
    fn a_home_or_a_system_is_no_place_for_a_site() {
        for written in [
            "web",
            "web:",
            "web:/",
            "web:~",
            "web:~/",
            "web:.",
            "web:/home/me",
            "web:/root/",
            "web:/var",
            "web:/etc//",
            "web:/srv/../etc",
            "web:/Users/me/",
        ] {
            let problem = split_place(written, false).unwrap_err();
            assert!(matches!(problem, TargetProblem::TooMuch(_)), "{written}");
        }
        for written in ["-oProxyCommand=x:/srv/www", ":/srv/www", "a b:/srv/www"] {
            assert_eq!(
                split_place(written, false).unwrap_err(),
                TargetProblem::BadHost,
                "{written}"
            );
        }
        for whole in ["me@web", "me@web:", "me@web:.", "me@web:/", "me@web:~"] {
            assert!(matches!(split_place(whole, false), Err(TargetProblem::TooMuch(_))), "{whole}");
            let place = ("me@web".to_owned(), ".".to_owned());
            assert_eq!(split_place(whole, true), Ok(place), "{whole}");
        }
        assert!(split_place("me@web:/etc", true).is_err());
        assert!(split_place("web::module/site", false).is_err(), "a service without SSH");
        assert!(has_secret("me:word@web:/srv/site"));
        assert!(!has_secret("me@[fe80::1]:/srv/a@b:c"));
        assert_eq!(split_place("sftp://web/srv", false).unwrap_err(), TargetProblem::Address);
    }
}
