//! Cloudflare Pages: `_headers` and `_redirects`.
//!
//! At most 100 rules for headers, and 2,000 fixed redirects. It finds error pages by itself: the
//! nearest `404.html` on the way up.

use super::netlify::{headers, redirects};
use super::{HostFile, HostPlan};

/// "A project is limited to 2,000 static redirects".
const REDIRECTS_MAX: usize = 2_000;

pub(super) fn files(plan: &HostPlan) -> Vec<HostFile> {
    let mut files = vec![HostFile::new("_headers", headers(plan))];
    let redirects = redirects(plan, "301", REDIRECTS_MAX);
    if !redirects.is_empty() {
        files.push(HostFile::new("_redirects", format!("# Written by sitegen.\n{redirects}")));
    }
    files
}
