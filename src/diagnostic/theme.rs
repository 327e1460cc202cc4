//! Diagnostics about themes, templates and shortcodes.

use super::{Diagnostic, Place, foreign};

impl Diagnostic {
    pub(crate) fn missing_theme(place: Place, name: &str) -> Self {
        Self::error("missing-theme", format!("there is no theme `{name}`")).at(place).help(format!(
            "put it into `themes/{name}/`, or remove `theme` to use the built-in one"
        ))
    }

    pub(crate) fn unused_theme_file(place: Place) -> Self {
        Self::warning("unused-theme-file", "nothing in a theme makes use of this file")
            .at(place)
            .help("the folders of a theme are `templates`, `static` and `strings`")
    }

    pub(crate) fn template_syntax(place: Place, message: &str) -> Self {
        Self::error(
            "template-syntax",
            format!("this template cannot be read: {}", foreign(message)),
        )
        .at(place)
        .help("templates are Tera 2; themes/README.md says what they get")
    }

    pub(crate) fn template_error(place: Place, message: &str, page: &str) -> Self {
        // The list of all fields is advice.
        let (message, fields) = match message.split_once(". Available fields: ") {
            Some((message, fields)) => (message, Some(fields)),
            None => (message, None),
        };
        let help = match fields {
            Some(fields) => format!("the fields are {fields}"),
            None => "what may be missing is tested with `if` before it is used".to_owned(),
        };
        let message = format!("this template fails: {}", foreign(message));
        Self::error("template-error", message).at(place).in_output(page).help(help)
    }

    pub(crate) fn missing_template(place: Place, name: &str, nearest: Option<&str>) -> Self {
        let help = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "put it into the `templates` folder of the theme".to_owned(),
        };
        Self::error("missing-template", format!("there is no template `{name}`"))
            .at(place)
            .help(help)
    }

    pub(crate) fn document_too_large(place: Place, page: &str, mib: usize) -> Self {
        Self::error("document-too-large", format!("`{page}` becomes larger than {mib} MiB"))
            .at(place)
            .help("look for a loop in the template, or split the page")
    }

    pub(crate) fn untranslated_strings(place: Place, language: &str, keys: &[String]) -> Self {
        let shown: Vec<&str> = keys.iter().take(5).map(String::as_str).collect();
        let more = if keys.len() > 5 { ", …" } else { "" };
        let texts = match keys.len() {
            1 => "1 text of the theme is".to_owned(),
            count => format!("{count} texts of the theme are"),
        };
        let shown = shown.join(", ");
        let message =
            format!("{texts} shown in English in the language `{language}`: {shown}{more}");
        Self::warning("untranslated-strings", message)
            .at(place)
            .help(format!("translate them under `[languages.{language}.translations]`"))
    }

    pub(crate) fn unknown_shortcode(place: Place, name: &str, nearest: Option<&str>) -> Self {
        let help = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => {
                format!("a shortcode is a file of the theme: `templates/shortcodes/{name}.html`")
            }
        };
        Self::error("unknown-shortcode", format!("there is no shortcode `{name}`"))
            .at(place)
            .help(help)
    }

    pub(crate) fn shortcode_syntax(place: Place, message: &str) -> Self {
        Self::error("shortcode-syntax", format!("this shortcode cannot be read: {message}"))
            .at(place)
            .help(
                "write `{{ name(key=\"value\") }}`, or `{% name() %}` and `{% end %}` around text",
            )
    }

    pub(crate) fn shortcode_error(
        place: Place,
        template: Place,
        name: &str,
        message: &str,
    ) -> Self {
        let message = message.split(". Available fields: ").next().unwrap_or(message);
        let message = format!("the shortcode `{name}` failed: {}", foreign(message));
        Self::error("shortcode-error", message)
            .at(place)
            .also(template, "here")
            .help("look at what this template needs, and write it between the brackets")
    }
}
