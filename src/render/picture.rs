//! Pictures as browsers choose them: in several sizes, and with their size, so that nothing moves
//! when they come.

use tera::Value;
use tera::value::Key;

use super::value::none_or;
use crate::model::{Asset, Site};
use crate::pictures::{Picture, Sources};

/// A picture of the site, with its addresses on the host.
pub(super) struct Choice {
    /// For those who do not choose.
    pub(super) src: String,
    pub(super) width: u32,
    pub(super) height: u32,
    /// As in the attribute of HTML; nothing when there is no choice.
    pub(super) srcset: Option<String>,
    pub(super) webp_srcset: Option<String>,
}

impl Choice {
    pub(super) fn new(site: &Site, asset: &Asset, picture: &Picture) -> Self {
        let (src, width, height) = picture.plain();
        let srcset = |sources: Sources<'_>| {
            let sources = sources.into_iter().map(|(output, width)| {
                format!("{} {width}w", site.url(output.unwrap_or(&asset.output)))
            });
            Some(sources.collect::<Vec<_>>().join(", ")).filter(|srcset| !srcset.is_empty())
        };
        Self {
            src: site.url(src.unwrap_or(&asset.output)),
            width,
            height,
            srcset: srcset(picture.plain_sources()),
            webp_srcset: srcset(picture.webp_sources()),
        }
    }

    /// The keys of templates; of a picture of which nothing is known they are there too.
    pub(super) fn entries(
        choice: Option<Self>,
        url: &str,
    ) -> impl Iterator<Item = (Key<'static>, Value)> {
        let (src, size, sets) = match choice {
            Some(Self { src, width, height, srcset, webp_srcset }) => {
                (src, Some((width, height)), [srcset, webp_srcset])
            }
            None => (url.to_owned(), None, [None, None]),
        };
        let [srcset, webp_srcset] = sets;
        let entries = [
            ("src", Value::from(src)),
            ("width", none_or(size.map(|(width, _)| width))),
            ("height", none_or(size.map(|(_, height)| height))),
            ("srcset", none_or(srcset)),
            ("webp_srcset", none_or(webp_srcset)),
        ];
        entries.into_iter().map(|(key, value)| (Key::from(key), value))
    }
}
