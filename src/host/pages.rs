//! Services that take files and little else, and stores of files.

use super::netlify::{gone, redirects};
use super::rules::{self, Area, LASTING, WELL_KNOWN};
use super::spelling::{address, is_writable, plain};
use super::{HostFile, HostPlan};
use crate::config::FeedFormat;

/// "The first matching rules within the maximum are processed"; 1,000 on gitlab.com.
const GITLAB_REDIRECTS_MAX: usize = 1_000;

/// Without the file, Jekyll takes what begins with a dot out.
pub(super) fn github(_plan: &HostPlan) -> Vec<HostFile> {
    vec![HostFile::new(".nojekyll", "")]
}

/// A file wins over a redirect there, and the pages at old addresses lead on by themselves; so
/// these help where somebody has taken them out.
pub(super) fn gitlab(plan: &HostPlan) -> Vec<HostFile> {
    let text = redirects(plan, "301", GITLAB_REDIRECTS_MAX);
    if text.is_empty() { Vec::new() } else { vec![HostFile::new("_redirects", text)] }
}

/// git-pages takes headers that its operator allows, among which a type is not, and redirects
/// without placeholders. `.domains` is for the server that was there before it.
pub(super) fn codeberg(plan: &HostPlan) -> Vec<HostFile> {
    let mut headers = String::from("/*\n");
    for (name, value) in plan.security() {
        headers.push_str(&format!("  {name}: {value}\n"));
    }
    let mut files = vec![HostFile::new("_headers", headers)];
    let text = format!("{}{}", redirects(plan, "301!", usize::MAX), gone(plan));
    if !text.is_empty() {
        files.push(HostFile::new("_redirects", text));
    }
    let name = plan.site().name;
    if !name.ends_with(".codeberg.page") {
        files.push(HostFile::new(".domains", format!("{name}\n")));
    }
    files
}

/// The error page has another name there, and leads on to ours.
pub(super) fn neocities(plan: &HostPlan) -> Vec<HostFile> {
    let pages = plan.not_found.iter().map(|(_, page)| page);
    let Some(page) = pages.into_iter().rfind(|page| is_writable(page)) else { return Vec::new() };
    let page = address(&plain(page));
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>404</title>\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={page}\">\n</head>\n<body>\n\
         <p><a href=\"{page}\">404</a></p>\n</body>\n</html>\n"
    );
    vec![HostFile::new("not_found.html", text)]
}

/// A store learns types and headers with each upload.
pub(super) fn s3(plan: &HostPlan, root: &str) -> String {
    let (brief, lasting) = (Area::Page.cache_control(), Area::Lasting.cache_control());
    let mut text = format!(
        "# {} on S3 or a store like it, written by sitegen.\n\
         #\n\
         # A store knows of a file what it was told at the upload: these commands tell it, and\n\
         # they are needed after every build. BUCKET is the name of yours. Security headers,\n\
         # redirects and the error page (404.html) are set where the store is made public: in\n\
         # CloudFront, or in what your provider has for it.\n\n\
         BUCKET=s3://name-of-the-bucket\n\
         aws s3 sync \"{root}\" \"$BUCKET\" --delete --cache-control \"{brief}\"\n",
        plan.site().name
    );
    let mut copy = |include: &[String], more: &str| {
        let include: String = include.iter().map(|name| format!(" --include \"{name}\"")).collect();
        text.push_str(&format!(
            "aws s3 cp \"{root}\" \"$BUCKET\" --recursive --exclude \"*\"{include} {more}\n"
        ));
    };
    let lasting_files: Vec<String> = LASTING.iter().map(|ending| format!("*.{ending}")).collect();
    copy(&lasting_files, &format!("--cache-control \"{lasting}\""));
    let mut typed = |names: &[String], media_type: &str| {
        copy(names, &format!("--cache-control \"{brief}\" --content-type \"{media_type}\""));
    };
    typed(&["*.html".to_owned()], "text/html; charset=utf-8");
    for format in FeedFormat::ALL {
        let names = format.names();
        typed(&[names.file.to_owned(), format!("*/{}", names.file)], names.media_type);
    }
    if !plan.fingers.is_empty() {
        typed(&["ap/*".to_owned()], rules::ACTIVITY);
        for (path, media_type) in WELL_KNOWN {
            typed(&[path.trim_start_matches('/').to_owned()], media_type);
        }
    }
    text
}
