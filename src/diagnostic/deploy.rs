//! Diagnostics about `[deploy.NAME]`: places that no site can be brought to.

use super::{Diagnostic, Place};

/// What is wrong with a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetProblem {
    NoWay,
    /// `to` is missing, with an example of it.
    NoPlace(&'static str),
    NoEndpoint,
    BadEndpoint,
    NoBranch,
    NoCommand,
    NoPort,
    BadHost,
    BadBucket,
    /// An address in place of host and folder.
    Address,
    /// A folder that holds more than a site.
    TooMuch(String),
    Variable,
}

impl Diagnostic {
    pub(crate) fn bad_target(place: Place, problem: TargetProblem) -> Self {
        let (message, help) = match problem {
            TargetProblem::NoWay => (
                "nothing says how the site gets there".to_owned(),
                "write `by = \"rsync\"`, or `sftp`, `s3`, `git`, `local`, `command`".to_owned(),
            ),
            TargetProblem::NoPlace(example) => (
                "nothing says where the site goes".to_owned(),
                format!("write `to = \"{example}\"`, with your own names in it"),
            ),
            TargetProblem::NoEndpoint => (
                "nothing says at which address the store is".to_owned(),
                "write `endpoint = \"https://…\"`, as your provider calls it".to_owned(),
            ),
            TargetProblem::BadEndpoint => (
                "this is no address of a store".to_owned(),
                "it begins with `https://`: without encryption, everybody on the way could change \
                 the site"
                    .to_owned(),
            ),
            TargetProblem::NoBranch => (
                "nothing says into which branch the site goes".to_owned(),
                "write `branch = \"pages\"`, or as your host wants it called".to_owned(),
            ),
            TargetProblem::NoCommand => (
                "nothing says which program to run".to_owned(),
                "write `run = [\"./upload.sh\"]`: the program, then its arguments; the folder with \
                 the site is added as the last one"
                    .to_owned(),
            ),
            TargetProblem::NoPort => (
                "this is no port".to_owned(),
                "a port is a number from 1 to 65535; leave it out where SSH is at port 22"
                    .to_owned(),
            ),
            TargetProblem::BadHost => (
                "this is no name of a machine".to_owned(),
                "write user, host and folder: `me@web.example:/var/www/site`".to_owned(),
            ),
            TargetProblem::BadBucket => (
                "no bucket has such a name".to_owned(),
                "write the name alone, `party-site`, or with a folder in it: `party-site/www`"
                    .to_owned(),
            ),
            TargetProblem::Address => (
                "this is an address, not a machine and a folder".to_owned(),
                "write user, host and folder with a colon between them, without `://`: \
                 `me@web.example:/var/www/site`"
                    .to_owned(),
            ),
            TargetProblem::TooMuch(folder) => (
                format!("`{folder}` holds more than a site"),
                "name a folder of its own for the site, such as `me@web.example:/var/www/site`, so \
                 that nothing else can be harmed. Where one comes straight into the folder of the \
                 domain, and nothing else is in it, add `web_root = true`"
                    .to_owned(),
            ),
            TargetProblem::Variable => (
                "`~` and `$` mean nothing here".to_owned(),
                "write the whole path of the folder".to_owned(),
            ),
        };
        Self::error("bad-target", message).at(place).help(help)
    }

    pub(crate) fn target_is_no_table(place: Place, key: &str) -> Self {
        Self::error("target-without-name", format!("`{key}` stands in `[deploy]` itself"))
            .at(place)
            .help("give the target a name: `[deploy.web]`, and its keys below")
    }

    pub(crate) fn secret_in_site(place: Place, key: &str) -> Self {
        Self::error(
            "secret-in-site",
            format!("`{key}` holds a secret, which has no place in site.toml"),
        )
        .at(place)
        .help(
            "site.toml is shared with everybody who works on the site; take it out, change it \
                 where it is valid, and keep it in the environment or in a file of its own that \
                 `key_file` names; a password for SSH is asked for when it is needed",
        )
    }
}
