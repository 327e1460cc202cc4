//! Diagnostics about the look of the site: colours that nobody can read, logos that are no pictures.

use super::{Diagnostic, Place};
use crate::colour::ColourProblem;

impl Diagnostic {
    pub(crate) fn not_a_colour(place: Place, text: &str, problem: ColourProblem) -> Self {
        Self::error("not-a-colour", format!("`{text}` is no colour")).at(place).help(
            match problem {
                ColourProblem::Name(colour) => {
                    format!("write `#` and six digits: what people call {text} is `\"{colour}\"`")
                }
                ColourProblem::NoHash => {
                    format!("write `\"#{}\"`, with `#` before it", text.trim())
                }
                ColourProblem::Transparent => {
                    "leave out the digits at the end that let the ground \
                                           shine through: write `#` and six digits"
                        .to_owned()
                }
                ColourProblem::Other => {
                    "write `#` and six digits from 0 to f, such as `\"#17693a\"`, \
                                     as every program that has to do with pictures shows them"
                        .to_owned()
                }
            },
        )
    }

    /// Text on a ground, which may be one that goes with the chosen one; the contrast found and
    /// wanted, and the nearest text that would do.
    pub(crate) fn low_contrast(
        place: Place,
        [text, ground]: &[String; 2],
        is_tinted: bool,
        contrast: (f64, f64),
        better: &str,
    ) -> Self {
        let ratio = ratio(contrast);
        let what = if is_tinted { ", the ground of what is set apart," } else { "" };
        let message = format!("text in `{text}` on `{ground}`{what} is hard to read");
        Self::error("low-contrast", message).at(place).help(format!(
            "its contrast is {ratio}, which WCAG 2.2 asks for; the nearest colour that will do is \
             `\"{better}\"`"
        ))
    }

    /// A ground, and the colour of black and white that is better on it.
    pub(crate) fn middling_background(
        place: Place,
        [ground, text]: &[String; 2],
        contrast: (f64, f64),
        better: &str,
    ) -> Self {
        let ratio = ratio(contrast);
        let message = format!("the background `{ground}` is neither light nor dark");
        Self::error("middling-background", message).at(place).help(format!(
            "even {text} text has a contrast of {ratio} on it, so that text, links and notes could \
             not be told apart; the nearest colour that will do is `\"{better}\"`"
        ))
    }

    pub(crate) fn look_file_missing(
        place: Place,
        key: &str,
        path: &str,
        near: Option<&str>,
    ) -> Self {
        let near = near.map_or_else(String::new, |near| format!("; did you mean `\"{near}\"`?"));
        Self::error("look-file-missing", format!("there is no `{path}` in `static/`"))
            .at(place)
            .help(format!("put the file there, and write its path in `{key}`{near}"))
    }

    /// A file is not what its key wants; `is` is what it is, when that is known.
    pub(crate) fn look_file_kind(
        place: Place,
        key: &str,
        path: &str,
        is: Option<&str>,
        wanted: &str,
    ) -> Self {
        let message = match is {
            Some(is) => format!("`{path}` is {is}"),
            None if key.starts_with("font") => format!("`{path}` is no font"),
            None => format!("`{path}` is no picture"),
        };
        Self::error("look-file-kind", message).at(place).help(format!(
            "save it as {wanted} in the program that it comes from; another name alone does not \
             change it"
        ))
    }

    /// A file has the ending of another kind.
    pub(crate) fn look_file_ending(place: Place, path: &str, is: &str, ending: &str) -> Self {
        Self::error("look-file-ending", format!("`{path}` is {is}, whatever its name says"))
            .at(place)
            .help(format!("let its name end in `.{ending}`, so that servers say what it is"))
    }

    pub(crate) fn bold_without_font(place: Place) -> Self {
        Self::error("bold-without-font", "there is a font for bold text, and none for the rest")
            .at(place)
            .help("name the other file in `font_file`; a variable font is named in both")
    }

    pub(crate) fn front_without_photo(place: Place, page: &str) -> Self {
        Self::error("front-without-photo", "the front page has no picture to show")
            .at(place)
            .help(format!("write `image` and `image_alt` into the front matter of `{page}`"))
    }
}

fn ratio((found, wanted): (f64, f64)) -> String {
    // What is just below must not look as if it were enough.
    let found = (found * 100.0).floor() / 100.0;
    format!("{found} to 1 instead of {wanted} to 1")
}
