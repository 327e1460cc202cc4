//! Diagnostics about the imprint. Each says what the law asks for, and that this is no advice.

use super::{Diagnostic, Place};

const UK: &str = "the Elections Act 2022 (part 6)";
const DDG: &str = "§ 5 DDG";
const MSTV: &str = "§ 18 (2) MStV";

/// Something that a law asks for, and how to write it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    law: &'static str,
    what: &'static str,
    /// The key that has `key` in it.
    whole: Option<&'static str>,
    pub(crate) key: &'static str,
    write: &'static str,
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

    fn help(self, write: &str) -> String {
        let Self { law, what, .. } = self;
        format!("{law} asks for {what}: write {write}; this is no legal advice")
    }
}

impl Diagnostic {
    pub(crate) fn imprint_without_law(place: Place) -> Self {
        Self::error("imprint-without-law", "the imprint does not say which law it follows")
            .at(place)
            .help(
                "write `law = \"uk-2022\"` or `law = \"de\"`, and `law = \"none\"` when none is \
                 wanted; which law holds for you, this program cannot know",
            )
    }

    /// What a language or a page would change is not there.
    pub(crate) fn imprint_of_no_law(place: Place) -> Self {
        Self::error("imprint-of-no-law", "this changes the imprint of the site, which has none")
            .at(place)
            .help("write `[imprint]` with a `law` into site.toml first")
    }

    pub(crate) fn imprint_incomplete(place: Place, asked: Asked) -> Self {
        let Asked { whole, key, write, .. } = asked;
        let message = match whole {
            Some(whole) => format!("`{whole}` of the imprint has no `{key}`"),
            None => format!("the imprint has no `{key}`"),
        };
        Self::error("imprint-incomplete", message).at(place).help(asked.help(write))
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
