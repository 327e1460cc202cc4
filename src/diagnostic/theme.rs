//! Diagnostics about themes, templates and shortcodes.

use super::{Diagnostic, Place};

impl Diagnostic {
    pub(crate) fn missing_theme(place: Place, name: &str) -> Self {
        Self::error("missing-theme", format!("there is no theme `{name}`")).at(place).help(format!(
            "put it into `themes/{name}/`, or remove the key to use the built-in one"
        ))
    }

    pub(crate) fn template_syntax(place: Place, message: &str) -> Self {
        Self::error("template-syntax", format!("this template cannot be read: {message}"))
            .at(place)
            .help("templates are Tera 2; themes/README.md says what they get")
    }

    pub(crate) fn template_error(place: Place, message: &str, page: &str) -> Self {
        Self::error("template-error", format!("this template fails: {message}"))
            .at(place)
            .in_output(page)
            .help(
                "themes/README.md says what templates get; what may be missing is tested with `if`",
            )
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
        let message = format!(
            "the theme has {} English texts for `{language}`: {}{more}",
            keys.len(),
            shown.join(", ")
        );
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

    pub(crate) fn shortcode_error(place: Place, name: &str, message: &str) -> Self {
        Self::error("shortcode-error", format!("the shortcode `{name}` failed: {message}"))
            .at(place)
            .help(format!("look at what `templates/shortcodes/{name}.html` needs"))
    }
}
