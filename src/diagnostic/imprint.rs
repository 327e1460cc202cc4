//! Diagnostics about the imprint. Each says what the law asks for, and that this is no advice.

use super::notices::{TTPA, TTPA_TARGETING};
use super::{Diagnostic, Place};

const UK: &str = "the Elections Act 2022 (part 6)";
const DDG: &str = "§ 5 DDG";
const MSTV: &str = "§ 18 (2) MStV";

/// Something that a law asks for, and how to write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(super) law: &'static str,
    pub(super) what: &'static str,
    /// The key that has `key` in it.
    pub(super) whole: Option<&'static str>,
    pub(crate) key: &'static str,
    pub(super) write: &'static str,
}

impl Asked {
    pub(crate) const PROMOTER: Self = Self {
        law: UK,
        what: "the name and postal address of the promoter, who has it published",
        whole: None,
        key: "promoter",
        write: "`promoter = { name = \"…\", address = \"…\" }`",
    };
    pub(crate) const ON_BEHALF_OF: Self = Self {
        law: UK,
        what: "the name and postal address of everybody on whose behalf it is published",
        whole: None,
        key: "on_behalf_of",
        write: "`on_behalf_of = { name = \"…\", address = \"…\" }`, several of them in brackets, \
                or `[]` when it is the promoter alone",
    };
    pub(crate) const NAME: Self = Self {
        law: DDG,
        what: "the name of whoever provides the website",
        whole: None,
        key: "name",
        write: "`name = \"…\"`, of a body with its legal form",
    };
    pub(crate) const ADDRESS: Self = Self {
        law: DDG,
        what: "the address at which whoever provides the website can be reached",
        whole: None,
        key: "address",
        write: "`address = \"…\"`",
    };
    pub(crate) const REPRESENTED_BY: Self = Self {
        law: DDG,
        what: "those who represent a body",
        whole: None,
        key: "represented_by",
        write: "`represented_by = \"…\"`, several of them in brackets, or `[]` when it is a person",
    };
    pub(crate) const EMAIL: Self = Self {
        law: DDG,
        what: "an e-mail address",
        whole: None,
        key: "email",
        write: "`email = \"post@partei.example\"`",
    };
    pub(crate) const RESPONSIBLE: Self = Self {
        law: MSTV,
        what: "the name and address of a person who answers for the texts",
        whole: None,
        key: "responsible",
        write: "`responsible = { name = \"…\", address = \"…\" }`",
    };

    /// A key inside of it.
    pub(crate) const fn part(self, key: &'static str) -> Self {
        Self { whole: Some(self.key), key, ..self }
    }

    pub(super) fn help(self, write: &str) -> String {
        let Self { law, what, .. } = self;
        format!("{law} asks for {what}: write {write}; this is no legal advice")
    }
}

impl Diagnostic {
    pub(crate) fn imprint_without_law(place: Place) -> Self {
        Self::error("imprint-without-law", "the imprint does not say which law it follows")
            .at(place)
            .help(
                "write `law = \"uk-2022\"`, `law = \"de\"` or `law = \"eu-ttpa\"`, and `law = \
                 \"none\"` when none is wanted; which law holds for you, this program cannot know",
            )
    }

    /// What a language or a page would change is not there.
    pub(crate) fn imprint_of_no_law(place: Place) -> Self {
        Self::error("imprint-of-no-law", "this changes the imprint of the site, which has none")
            .at(place)
            .help("write `[imprint]` with a `law` into site.toml first")
    }

    /// `uk-2022` and `de` each say who publishes all of the site; `none` says that nobody has to.
    pub(crate) fn laws_apart(place: Place) -> Self {
        Self::error("laws-apart", "these laws do not go together").at(place).help(
            "write `uk-2022` or `de` or neither, and `eu-ttpa` beside it if it holds for you; \
                 `none` stands alone",
        )
    }

    /// A key of a law that the imprint does not follow.
    pub(crate) fn key_of_law(place: Place, key: &str, law: &str) -> Self {
        let message =
            format!("`{key}` belongs to the law `{law}`, which this imprint does not name");
        Self::error("key-of-law", message).at(place).help(format!(
            "write `law = \"{law}\"`, or leave `{key}` out; two laws are written in brackets, \
             `law = [\"de\", \"eu-ttpa\"]`"
        ))
    }

    /// Something is missing in an imprint, or in a notice.
    pub(crate) fn incomplete(place: Place, asked: Asked) -> Self {
        let Asked { law, whole, key, write, .. } = asked;
        let is_notice = [TTPA, TTPA_TARGETING].contains(&law);
        let of = if is_notice { "notice" } else { "imprint" };
        let message = match whole {
            Some(whole) => format!("`{whole}` of the {of} has no `{key}`"),
            None => format!("the {of} has no `{key}`"),
        };
        let problem = if is_notice {
            Self::error("notice-incomplete", message)
        } else {
            Self::error("imprint-incomplete", message)
        };
        problem.at(place).help(asked.help(write))
    }

    pub(crate) fn bad_postal_address(place: Place, asked: Asked, address: &str) -> Self {
        let message = format!("`{address}` is no whole postal address");
        Self::error("bad-postal-address", message).at(place).help(asked.help(
            "a street or a box, and a place, with a comma between them: `\"12 High Street, \
             Aberhelyg, ZZ1 1HG\"`",
        ))
    }

    pub(crate) fn bad_email(place: Place, text: &str) -> Self {
        Self::error("bad-email", format!("`{text}` is no e-mail address"))
            .at(place)
            .help(Asked::EMAIL.help(Asked::EMAIL.write))
    }

    pub(crate) fn imprint_not_shown(place: Place, output: &str) -> Self {
        Self::warning("imprint-not-shown", "this template does not show the imprint of the site")
            .at(place)
            .in_output(output)
            .help("write `{% if imprint %}{{ imprint.full }}{% endif %}` into its footer")
    }
}
