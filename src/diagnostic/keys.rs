//! Diagnostics about front matter, `site.toml` and data files: keys and values.

use super::{Diagnostic, Place, foreign, nearest};
use crate::limits::{DEPTH_MAX, FRONT_MATTER_BYTES_MAX};

/// What the keys of other generators are called here.
const SYNONYMS: &[(&str, &str)] = &[
    ("lastmod", "updated"),
    ("last_modified_at", "updated"),
    ("modified", "updated"),
    ("expirydate", "expires"),
    ("expiry_date", "expires"),
    ("publishdate", "date"),
    ("publish_date", "date"),
    ("permalink", "path"),
    ("url", "path"),
    ("url", "base_url"),
    ("layout", "template"),
    ("published", "draft"),
    ("excerpt", "summary"),
    ("perex", "summary"),
    ("keywords", "tags"),
    ("order", "weight"),
    ("redirect_from", "aliases"),
    ("guid", "id"),
    ("feed_filenames", "feed_formats"),
    ("baseurl", "base_url"),
    ("languagecode", "default_language"),
    ("paginate", "paginate_by"),
    ("params", "extra"),
    ("publishdir", "output_dir"),
    ("colour", "accent"),
    ("color", "accent"),
];

/// What a value must be, and how to write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    what: &'static str,
    help: &'static str,
}

impl Wanted {
    pub(crate) const TEXT: Self =
        Self { what: "text in quotes", help: "write one text, with quotes around it" };
    pub(crate) const FLAG: Self =
        Self { what: "true or false", help: "write `true` or `false`, without quotes" };
    pub(crate) const NUMBER: Self =
        Self { what: "a whole number", help: "write digits alone, without quotes" };
    pub(crate) const TEXTS: Self = Self {
        what: "text or a list of texts",
        help: "write one text, or a list such as `[\"buses\", \"schools\"]`",
    };
    pub(crate) const DATE: Self = Self { what: "a date", help: "write it like 2026-05-01" };
    pub(crate) const TABLE: Self = Self {
        what: "a table",
        help: "a table has keys of its own: a line `[name]`, and the keys on the lines below it",
    };
    pub(crate) const EMBARGO: Self = Self {
        what: "a moment",
        help: "write when its readers may see it, with the zone: 2026-05-01T06:00:00+01:00",
    };
    pub(crate) const FORM: Self = Self {
        what: "a table",
        help: "below all other keys, write a line `[form]`, and on the lines below it `action = \
               \"https://…\"` with that address, `privacy = \"…\"` and `fields = […]`",
    };
    pub(crate) const DARK: Self =
        Self { what: "a table", help: "write `dark = { accent = \"#7bd19c\" }`, with that colour" };
    pub(crate) const FOCUS: Self = Self {
        what: "two numbers from -1 to 1",
        help: "write `[0.0, 0.5]`: how far right and how far up of the middle the point is",
    };
    pub(crate) const WIDTHS: Self = Self {
        what: "a list of up to eight numbers from 16 to 4096, from small to large",
        help: "write how many pixels wide pictures are to be: `[480, 960, 1600]`",
    };
    pub(crate) const QUALITY: Self = Self {
        what: "a number from 1 to 100",
        help: "write `80`; more makes pictures larger, and below 60 one sees it",
    };
    pub(crate) const ACTORS: Self = Self {
        what: "a list of tables",
        help: "begin each account with a line `[[actors]]`, and write its keys on the lines below",
    };
    pub(crate) const PARTY: Self = Self {
        what: "a table with name and address",
        help: "write `{ name = \"…\", address = \"…\" }`",
    };
    pub(crate) const BACKER: Self = Self {
        what: "a table with name, e-mail and address",
        help: "write `{ name = \"…\", email = \"…\", address = \"…\" }`",
    };
    pub(crate) const AMOUNTS: Self = Self {
        what: "a list of tables with what and amount",
        help: "write `[{ what = \"Printing\", amount = \"1200.50 EUR\" }]`",
    };
    pub(crate) const AMOUNT: Self = Self {
        what: "an amount with its currency, in quotes",
        help: "write it like `\"1200.50 EUR\"`: so every cent stays as it was written",
    };
    pub(crate) const LINKED_TO: Self = Self {
        what: "a table, or a list of tables, with type and name",
        help: "write `{ type = \"election\", name = \"…\", date = 2026-03-08, official = \
               \"https://…\" }`",
    };
    pub(crate) const TARGETING: Self = Self {
        what: "`false`, or a table with how it was done",
        help: "write `targeting = false`, or a line `[targeting]` and its keys on the lines below",
    };
    pub(crate) const CONTACT: Self = Self {
        what: "a table with a name and a way to be asked",
        help: "write `{ name = \"…\", email = \"…\", phone = \"…\" }`",
    };
    pub(crate) const LINKS: Self = Self {
        what: "a list of tables with title and url",
        help: "write `[{ title = \"Join\", url = \"@/join.md\" }]`",
    };
    pub(crate) const ACCOUNTS: Self = Self {
        what: "a list of tables with name and url",
        help: "write `[{ name = \"Instagram\", url = \"https://…\" }]`",
    };
    pub(crate) const FORM_FIELDS: Self = Self {
        what: "a list of tables with name and label",
        help: "write `[{ name = \"email\", label = \"Your email\", type = \"email\" }]`",
    };
    pub(crate) const FRONT_MATTER: Self =
        Self { what: "keys with values", help: "write `title: …` on a line of its own" };
    pub(crate) const FILE: Self =
        Self { what: "the name of a file in quotes", help: "write it like `\"wards.csv\"`" };
    pub(crate) const MENU: Self =
        Self { what: "a list", help: "write the links in brackets: `[\"@/news/_index.md\"]`" };
    pub(crate) const MENU_ITEM: Self = Self {
        what: "a link that begins with `@/`, or a title with a url",
        help: "write `\"@/about.md\"`, or `{ title = \"Shop\", url = \"https://…\" }`",
    };
    pub(crate) const TAXONOMIES: Self =
        Self { what: "a list of tables", help: "write `taxonomies = [{ name = \"tags\" }]`" };
}

/// What a key of another generator is called here. `published: false` is read as a draft.
fn synonym_of(key: &str) -> Option<&'static str> {
    let lower = key.to_lowercase();
    let found = SYNONYMS.iter().find(|(other, ours)| *other == lower && *ours != "draft");
    found.map(|(_, ours)| *ours)
}

/// Whether a text begins with numbers between dots, slashes or hyphens: `15.12.2026`.
fn begins_like_a_date(text: &str) -> bool {
    let date = text.split([' ', 'T', ',']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['.', '/', '-']).collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number) && parts.iter().any(|part| part.len() == 4)
}

/// Whether a text is the beginning of a name, or begins with it: `github` or `netlify.app`.
fn is_beginning(written: &str, name: &str) -> bool {
    let written = written.to_lowercase();
    written.len() > 2 && (name.starts_with(&written) || written.starts_with(name))
}

impl Diagnostic {
    pub(crate) fn bad_keep(place: Place, entry: &str) -> Self {
        Self::error("bad-keep", format!("`{entry}` names nothing that could be kept"))
            .at(place)
            .help(
                "write a name such as `stats`, which is kept in every folder, or a path that \
                 begins inside the output such as `.well-known/acme-challenge`; there are no `*`",
            )
    }

    /// `known` are the keys that could stand there.
    pub(crate) fn unknown_key(place: Place, key: &str, known: &[&str]) -> Self {
        let lower = key.to_lowercase();
        let synonym = SYNONYMS
            .iter()
            .find(|(other, ours)| *other == lower && known.contains(ours))
            .map(|(_, ours)| *ours);
        let help = match (synonym, nearest(key, known.iter().copied())) {
            // The same value under the other name would publish what is not meant to be.
            (Some("draft"), _) => "here it is the other way round: `draft = true`".to_owned(),
            (Some(ours), _) => format!("here it is called `{ours}`"),
            (None, _) if matches!(&*lower, "colour" | "color") && known.contains(&"look") => {
                "below the other keys, write a line `[look]`, and on the next \
                 `accent = \"#17693a\"`"
                    .to_owned()
            }
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if known.contains(&"extra") => {
                "values of your own go under `extra`".to_owned()
            }
            (None, None) => {
                let known: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
                format!("the keys here are {}", known.join(", "))
            }
        };
        Self::error("unknown-key", format!("unknown key `{key}`")).at(place).help(help)
    }

    pub(crate) fn key_below_table(place: Place, key: &str) -> Self {
        Self::error("key-below-table", format!("`{key}` stands in a table that has no such key"))
            .at(place)
            .help("move the line up, above the first line that begins with `[`")
    }

    pub(crate) fn unknown_key_kept(place: Place, key: &str, count: usize) -> Self {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        Self::warning("unknown-key-kept", format!("unknown key `{key}` in {files}")).at(place).help(
            match synonym_of(key) {
                Some(ours) => format!("here it is called `{ours}`; templates find `extra.{key}`"),
                None => format!("templates find it as `extra.{key}`"),
            },
        )
    }

    pub(crate) fn wrong_type(place: Place, key: &str, wanted: Wanted, found: &str) -> Self {
        let Wanted { what, help } = wanted;
        Self::error("wrong-type", format!("`{key}` must be {what}, but is {found}"))
            .at(place)
            .help(help)
    }

    pub(crate) fn duplicate_key(place: Place, key: &str) -> Self {
        Self::error("duplicate-key", format!("the key `{key}` is there twice"))
            .at(place)
            .help("keep one of them")
    }

    pub(crate) fn not_a_choice(place: Place, key: &str, written: &str, choices: &[&str]) -> Self {
        // Half of a name is farther from it than a slip of the keyboard: `cloudflare`.
        let begins = |choice: &&&str| is_beginning(written, choice);
        let near = nearest(written, choices.iter().copied());
        let near = near.or_else(|| choices.iter().find(begins).copied());
        let others = choices.iter().filter(|choice| Some(**choice) != near);
        let others: Vec<String> = others.map(|choice| format!("`{choice}`")).collect();
        let others = others.join(", ");
        let help = match near {
            Some(near) if others.is_empty() => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `{near}`? If not, write one of {others}"),
            None => format!("write one of {others}"),
        };
        Self::error("not-a-choice", format!("`{key}` cannot be `{written}`")).at(place).help(help)
    }

    pub(crate) fn negative_number(place: Place, key: &str) -> Self {
        Self::error("negative-number", format!("`{key}` must not be negative"))
            .at(place)
            .help("write 0 or more")
    }

    pub(crate) fn not_a_date(place: Place, key: &str, written: &str) -> Self {
        Self::error("not-a-date", format!("`{key}` is no date: `{written}`"))
            .at(place)
            .help("write 2026-05-01, or 2026-05-01T18:30:00+01:00 with time and zone")
    }

    pub(crate) fn syntax(place: Place, format: &str, message: &str) -> Self {
        let line = place.excerpt.as_deref().unwrap_or_default().trim_start();
        let value = line.split_once('=').map_or("", |(_, value)| value).trim();
        let is_date = ["date", "updated", "expires"].iter().any(|key| line.starts_with(key));
        let is_odd_date = begins_like_a_date(value);
        let is_flag = ["yes", "no", "on", "off", "true", "false"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word));
        let help = match format {
            _ if line.contains(['“', '”', '„']) => "use straight quotes: `\"…\"`",
            "TOML" if is_flag => {
                "yes is `true` and no is `false`, in small letters, without quotes"
            }
            "TOML" if is_date || is_odd_date => {
                "write a date as 2026-05-01, year first, without quotes"
            }
            "TOML" => "TOML has `key = \"value\"` on each line, with text in quotes",
            "YAML" => "YAML has `key: value` on each line; put text with `:` or `#` in quotes",
            "JSON" => "look for a missing comma, quote or bracket just before this place",
            _ => {
                "the first line has the names of the columns, each other line as many values; one \
                 that has the separator in it stands in quotes"
            }
        };
        let message = match format {
            "TOML" if is_flag => format!("`{value}` is no value"),
            "TOML" if is_odd_date => format!("`{value}` is no date"),
            _ => foreign(message),
        };
        let message = format!("this is not valid {format}: {message}");
        Self::error("syntax", message).at(place).help(help)
    }

    pub(crate) fn nested_too_deep(place: Place) -> Self {
        Self::error("nested-too-deep", format!("values are nested more than {DEPTH_MAX} deep"))
            .at(place)
            .help("put fewer lists and tables into each other")
    }

    pub(crate) fn no_front_matter(place: Place) -> Self {
        Self::error("no-front-matter", "this file has no front matter")
            .at(place)
            .help("begin it with a line `+++`, then `title = \"…\"`, then another line `+++`")
    }

    pub(crate) fn front_matter_without_end(place: Place, fence: &str) -> Self {
        Self::error("front-matter-end", "the front matter has no end")
            .at(place)
            .help(format!("write a line `{fence}` after its last key"))
    }

    pub(crate) fn front_matter_too_long(place: Place) -> Self {
        let kib = FRONT_MATTER_BYTES_MAX >> 10;
        Self::error("front-matter-too-long", format!("the front matter is longer than {kib} KiB"))
            .at(place)
            .help("put large tables into a data file and name it under `data`")
    }

    pub(crate) fn missing_title(place: Place) -> Self {
        Self::error("missing-title", "this page has no title")
            .at(place)
            .help("write `title = \"…\"` into the front matter")
    }

    pub(crate) fn missing_site_title(place: Place) -> Self {
        Self::error("missing-site-title", "the site has no title")
            .at(place)
            .help("write `title = \"…\"` into site.toml")
    }

    pub(crate) fn missing_base_url(place: Place) -> Self {
        Self::error("missing-base-url", "the site has no address")
            .at(place)
            .help("write `base_url = \"https://www.party.example\"` with your own domain")
    }

    pub(crate) fn bad_base_url(place: Place, url: &str, advice: String) -> Self {
        Self::error("bad-base-url", format!("`{url}` cannot be the address of a site"))
            .at(place)
            .help(advice)
    }

    pub(crate) fn nobodys_address(place: Place, domain: &str) -> Self {
        let message = format!("nobody can have the domain `{domain}`: it is there for examples");
        Self::warning("nobodys-address", message)
            .at(place)
            .help("write your own: links in feeds, on maps of the site and on cards lead there")
    }

    pub(crate) fn unknown_zone(place: Place, name: &str) -> Self {
        Self::error("unknown-time-zone", format!("there is no time zone `{name}`"))
            .at(place)
            .help("write a name such as `Europe/London` or `Europe/Berlin`")
    }

    pub(crate) fn bad_language_code(place: Place, code: &str) -> Self {
        Self::error("bad-language-code", format!("`{code}` is no language code"))
            .at(place)
            .help("write its two or three letters, such as `cy`, or with a region, `de-CH`")
    }

    pub(crate) fn unknown_language<'a>(
        place: Place,
        code: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.collect();
        Self::error("unknown-language", format!("the site has no language `{code}`"))
            .at(place)
            .help(format!(
                "add `[languages.{code}]` to site.toml, or rename the file (languages: {})",
                known.join(", ")
            ))
    }

    pub(crate) fn unknown_taxonomy(place: Place, name: &str, known: &[&str]) -> Self {
        let help = match nearest(name, known.iter().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None => format!("add `{{ name = \"{name}\" }}` to `taxonomies` in site.toml"),
        };
        Self::error("unknown-taxonomy", format!("the site has no taxonomy `{name}`"))
            .at(place)
            .help(help)
    }

    pub(crate) fn bad_taxonomy_name(place: Place, name: &str) -> Self {
        Self::error("bad-taxonomy-name", format!("a taxonomy cannot be called `{name}`"))
            .at(place)
            .help("choose a name with letters that no other taxonomy and no front-matter key has")
    }

    pub(crate) fn dangerous_scheme(place: Place, scheme: &str) -> Self {
        Self::error("dangerous-scheme", format!("links with `{scheme}:` cannot be switched on"))
            .at(place)
            .help("such links run programs in the reader's browser; remove it")
    }

    pub(crate) fn not_a_web_address(place: Place, key: &str, text: &str) -> Self {
        Self::error("not-a-web-address", format!("`{key}` is no web address: `{text}`"))
            .at(place)
            .help("write the whole address, with `https://` at the beginning")
    }

    pub(crate) fn not_an_email(place: Place, key: &str, text: &str) -> Self {
        Self::error("not-an-email", format!("`{key}` is no e-mail address: `{text}`"))
            .at(place)
            .help("write one address, such as `post@party.example`")
    }

    pub(crate) fn neither_mail_nor_page(place: Place, key: &str, text: &str) -> Self {
        let message = format!("`{key}` is neither an e-mail address nor a web address: `{text}`");
        Self::error("neither-mail-nor-page", message)
            .at(place)
            .help("write `\"post@party.example\"`, or the whole address with `https://`")
    }

    pub(crate) fn bad_id_base(place: Place, text: &str) -> Self {
        Self::error("bad-id-base", format!("ids cannot begin with `{text}`"))
            .at(place)
            .help("write `tag:party.example,2026:` or a prefix such as `https://party.example/`")
    }

    /// `near` is what will have been meant.
    pub(crate) fn menu_link_broken(place: Place, link: &str, near: Option<&str>) -> Self {
        Self::error("menu-link", format!("the menu leads to `{link}`, which is not there"))
            .at(place)
            .help(match near {
                Some(near) => format!("did you mean `@/{near}`?"),
                None => "write the path inside `content/`, such as `@/about.md` or \
                         `@/news/_index.md`"
                    .to_owned(),
            })
    }

    pub(crate) fn unsafe_menu_link(place: Place, url: &str) -> Self {
        Self::error("unsafe-menu-link", format!("the menu cannot lead to `{url}`"))
            .at(place)
            .help("links are http, https, mailto, tel or webcal; `link_schemes` allows more")
    }

    pub(crate) fn menu_entry_unpublished(place: Place, link: &str, state: &str) -> Self {
        let message = format!("the menu leaves out `{link}`, which is not published now ({state})");
        Self::warning("menu-entry-unpublished", message)
            .at(place)
            .help("it comes back when the page is published")
    }

    pub(crate) fn missing_data_file(place: Place, path: &str) -> Self {
        Self::error("missing-data-file", format!("there is no data file `{path}`"))
            .at(place)
            .help("put a .toml, .yaml, .json or .csv file beside the page or into `data/`")
    }

    pub(crate) fn not_twelve_months(place: Place) -> Self {
        Self::error("months", "`months` must have twelve names")
            .at(place)
            .help("list the months from January to December, as they stand in a date")
    }

    pub(crate) fn not_seven_days(place: Place) -> Self {
        Self::error("weekdays", "`weekdays` must have seven names")
            .at(place)
            .help("list the days from Monday to Sunday, as they stand before a date")
    }
}
