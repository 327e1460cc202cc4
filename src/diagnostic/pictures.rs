//! Diagnostics about pictures.

use super::{Diagnostic, Place};
use crate::limits::MEDIA_BYTES_MAX;
use crate::pictures::Fault;
#[cfg(feature = "cards")]
use crate::pictures::Lack;

impl Diagnostic {
    pub(crate) fn picture_fault(place: Place, fault: Fault) -> Self {
        match fault {
            Fault::Damaged(how) => {
                Self::error("picture-damaged", format!("this picture is damaged: {how}"))
                    .at(place)
                    .help("copy it again from where it came from, or save it anew in a program")
            }
            Fault::Changed => {
                let message = "this picture was changed while the site was being built";
                Self::error("picture-changed", message).at(place).help("build the site again")
            }
        }
    }

    /// `is_raw` is whether its kind is one of those that only cameras make.
    pub(crate) fn picture_as_it_came(place: Place, is_raw: bool) -> Self {
        let message = if is_raw {
            "most browsers do not show this picture, and where it was taken may be in it"
        } else {
            "this is no picture of the kind that its name says, so where it was taken may be in it"
        };
        Self::warning("picture-as-it-came", message)
            .at(place)
            .help("save it anew as JPEG or PNG in a program for pictures: of these it is taken out")
    }

    pub(crate) fn picture_too_large(place: Place, (width, height): (u32, u32)) -> Self {
        let message = format!("this picture is too large to be shown: {width} × {height} pixels");
        Self::error("picture-too-large", message)
            .at(place)
            .help("save it smaller: 2,400 pixels are wide enough for every screen")
    }

    pub(crate) fn missing_credit(place: Place, path: &str) -> Self {
        Self::error("missing-credit", format!("the picture `{path}` does not say whose it is"))
            .at(place)
            .help(
                "write it in quotes after the address, `![…](a.jpg \"Photo: Ann Lee\")`, as \
                 `image_credit` in front matter, or as `credit` of a figure",
            )
    }

    #[cfg(not(feature = "cards"))]
    pub(crate) fn no_share_pictures(place: Place) -> Self {
        let message = "this program makes no share pictures";
        Self::note("no-share-pictures", message).at(place).help(
            "use one that was made with all its features, or take `generate_share_pictures` out",
        )
    }

    #[cfg(feature = "cards")]
    pub(crate) fn letters_not_drawn(place: Place, letters: &str) -> Self {
        let message = format!("there is no share picture: it cannot have the letters {letters}");
        Self::warning("letters-not-drawn", message).at(place).help(
            "its fonts have Latin, Greek and Cyrillic letters. Make one yourself, name it as \
             `image`, and write `share_picture = false`",
        )
    }

    #[cfg(feature = "cards")]
    pub(crate) fn imprint_not_drawn(place: Place) -> Self {
        let message = "there is no share picture: the imprint is too long for it";
        Self::warning("imprint-not-drawn", message)
            .at(place)
            .help("it has room for about 800 letters; an address that all share is said once")
    }

    #[cfg(feature = "cards")]
    pub(crate) fn logo_not_drawn(place: Place, lack: Lack) -> Self {
        let why = match lack {
            Lack::Texts => "it has texts in it, for which there are no fonts",
            Lack::Pictures => "it has pictures in it",
            Lack::Everything => "it cannot be read as an SVG",
        };
        let message = format!("this logo is not on share pictures: {why}");
        Self::warning("logo-not-drawn", message).at(place).help(match lack {
            Lack::Texts => "save it with its texts as paths, or as a PNG",
            Lack::Pictures | Lack::Everything => "save it as a PNG",
        })
    }

    pub(crate) fn picture_file_too_large(place: Place) -> Self {
        let message = format!("this picture is larger than {} MiB", MEDIA_BYTES_MAX >> 20);
        Self::error("picture-file-too-large", message)
            .at(place)
            .help("save it smaller: 2,400 pixels are wide enough for every screen")
    }
}
