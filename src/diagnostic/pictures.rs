//! Diagnostics about pictures.

use super::{Diagnostic, Place};
use crate::limits::MEDIA_BYTES_MAX;
use crate::pictures::Fault;

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

    pub(crate) fn picture_file_too_large(place: Place) -> Self {
        let message = format!("this picture is larger than {} MiB", MEDIA_BYTES_MAX >> 20);
        Self::error("picture-file-too-large", message)
            .at(place)
            .help("save it smaller: 2,400 pixels are wide enough for every screen")
    }
}
