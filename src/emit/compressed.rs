//! Compressed forms of text, beside the files, for servers that send them as they are.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::Arc;

use flate2::{Compression, GzBuilder};

use super::{Made, Output, Plan};
use crate::artifact::Body;
use crate::config::Host;
use crate::host::COMPRESSED;
use crate::model::Site;
use crate::path::OutputPath;

/// Adds `FILE.gz` for all that is planned, where the host of the site sends it. A file that is only
/// copied has none.
pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    let takes = matches!(site.config.hosting.host, Host::Nginx | Host::Apache | Host::Caddy);
    if !(site.config.hosting.precompress && takes) {
        return;
    }
    let assets = site.assets.iter().filter(|asset| asset.embedded.is_none());
    let copied: HashSet<&str> = assets.map(|asset| asset.output.as_str()).collect();
    let worth = |output: &&Output<'s>| {
        let path = output.path.as_str();
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        COMPRESSED.contains(&ending) && !copied.contains(path)
    };
    let smaller = plan.outputs.iter().filter(worth).filter_map(|output| {
        let path = OutputPath::new(&format!("{}.gz", output.path.as_str())).ok()?;
        let make = Arc::clone(&output.make);
        let key = output.key.map(|key| {
            let mut hasher = DefaultHasher::new();
            ("gz", key).hash(&mut hasher);
            hasher.finish()
        });
        Some(Output {
            path,
            rank: output.rank,
            source: output.source.clone(),
            key,
            shows: output.shows,
            make: Arc::new(move |workshop, handed| {
                // What is wrong is told by the file itself.
                let Made { body, .. } = make(workshop, handed);
                let body = match body {
                    Some(Body::Bytes(bytes)) => Some(Body::Bytes(compressed(&bytes))),
                    Some(Body::Static(bytes)) => Some(Body::Bytes(compressed(bytes))),
                    other => other,
                };
                Made { body, problems: Vec::new() }
            }),
        })
    });
    let smaller: Vec<Output<'s>> = smaller.collect();
    plan.outputs.extend(smaller);
    // Every list and feed is made twice.
    plan.in_lists.iter_mut().chain(plan.in_feeds.values_mut()).for_each(|count| *count *= 2);
}

/// The same bytes for the same bytes: without a time and a name.
fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzBuilder::new().write(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    let _ = writer.write_all(bytes);
    writer.finish().unwrap_or_default()
}
