//! `robots.txt`: everything may be read, and where the sitemap is.

use super::{Made, Plan};
use crate::artifact::Rank;
use crate::model::Site;
use crate::path::{OutputPath, SourcePath};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    // A file of the site's own says it better.
    if !site.config.robots || site.asset_paths.contains_key("robots.txt") {
        return;
    }
    let Ok(path) = OutputPath::new("robots.txt") else { return };
    plan.add(path, Rank::Feed, &SourcePath::new(crate::config::FILE), None, move |_| {
        let mut text = "User-agent: *\nAllow: /\n".to_owned();
        if site.config.sitemap {
            let url = site.config.base_url.absolute("sitemap.xml");
            text.push_str(&format!("Sitemap: {url}\n"));
        }
        Made::bytes(text)
    });
}
