//! nginx, from 1.22 on: one file to be included at the level of `http`.
//!
//! All headers stand in one place, with values that maps choose: an `add_header` in a `location`
//! would take away those of the server.

use super::rules::{
    self, Area, ENDINGS, LETTER_KILOBYTES_MAX, POST_OFFICE_PATTERN, RETRY_SECONDS, Site, WEBFINGER,
    WELL_KNOWN,
};
use super::spelling::{any_of, pattern, plain, query_pattern};
use super::{HostPlan, spelling};
use crate::artifact::media_type;
use crate::config::FeedFormat;

pub(super) fn snippet(plan: &HostPlan, root: &str) -> String {
    let site = plan.site();
    let name = &site.name;
    let mut text = format!(
        "# {name} with nginx, written by sitegen.\n\
         #\n\
         # 1. Put this file where nginx looks for sites, on Debian and Ubuntu:\n\
         #    /etc/nginx/conf.d/{name}.conf\n"
    );
    if site.is_secure {
        text.push_str(&format!(
            "# 2. Get a certificate (`certbot certonly --standalone -d {name}`,\n\
             #    while no web server runs), and name\n\
             #    its two files below if they lie elsewhere.\n"
        ));
    }
    text.push_str("# Then: nginx -t && systemctl reload nginx\n\n");
    let id = id(name);
    text.push_str(&maps(plan, &id));
    text.push_str(&server(plan, &site, &id, root));
    text
}

/// The beginning of the names of variables, which all sites of a server share.
fn id(name: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!("$sitegen_{}", name.chars().map(word).collect::<String>())
}

/// Regular expressions only: plain keys are kept in a table that nginx refuses to load when one of
/// them is long.
fn maps(plan: &HostPlan, id: &str) -> String {
    let mut text = String::new();
    if !plan.fingers.is_empty() {
        text.push_str("# Who is asked for.\n");
        text.push_str(&format!("map $arg_resource {id}_finger {{\n    default \"\";\n"));
        for finger in &plan.fingers {
            let pattern = any_of(&finger.resources(), query_pattern);
            let file = spelling::address(&finger.file);
            text.push_str(&format!("    \"~*^(?:{pattern})$\" \"{file}\";\n"));
        }
        text.push_str("}\n\n");
    }
    let lasting = rules::LASTING.join("|");
    let feeds = any_of(&feed_files(), pattern);
    text.push_str(&format!(
        "# How long browsers keep what they have.\n\
         map $uri {id}_cache {{\n    default \"{}\";\n    \
         # The post office speaks for itself.\n    \"~{POST_OFFICE_PATTERN}\" \"\";\n    \
         \"~^/(?:ap|\\.well-known)/\" \"{}\";\n    \
         \"~*\\.(?:{lasting})$\" \"{}\";\n}}\n\n\
         # What pages of others may read.\n\
         map $uri {id}_readers {{\n    default \"\";\n    \"~^/(?:ap|\\.well-known)/\" \"*\";\n    \
         \"~/(?:{feeds})$\" \"*\";\n}}\n\n",
        Area::Page.cache_control(),
        Area::Documents.cache_control(),
        Area::Lasting.cache_control(),
    ));
    let pages = plan.written_not_found();
    if !pages.is_empty() {
        text.push_str("# The error page of each language.\n");
        text.push_str(&format!("map $uri {id}_not_found {{\n    default \"/.nothing\";\n"));
        for (from, page) in pages {
            let page = plain(&page);
            // There, these begin a variable and a query, and nothing can take that from them.
            if page.contains(['$', '?']) {
                text.push_str("    # One has a dollar or a question mark and cannot be named.\n");
                continue;
            }
            let page = quoted(&page);
            text.push_str(&format!("    \"~^{}\" {page};\n", pattern(&from)));
        }
        text.push_str("}\n\n");
    }
    if plan.reachable_post_office().is_some() {
        text.push_str(&format!(
            "# When to knock again, unless the post office says so itself.\n\
             map \"$status:$upstream_http_retry_after\" {id}_retry {{\n    default \"\";\n    \
             \"~^503:$\" \"{RETRY_SECONDS}\";\n}}\n\n"
        ));
    }
    text
}

fn server(plan: &HostPlan, site: &Site, id: &str, root: &str) -> String {
    let Site { name, port, origin, .. } = site;
    let mut text = String::new();
    if site.is_secure {
        text.push_str(&format!(
            "server {{\n    listen 80;\n    listen [::]:80;\n    server_name {name};\n    \
             location ^~ /.well-known/acme-challenge/ {{\n        root \"{root}\";\n    }}\n    \
             location / {{\n        return 301 {origin}$request_uri;\n    }}\n}}\n\n\
             server {{\n    listen {port} ssl http2;\n    listen [::]:{port} ssl http2;\n    \
             server_name {name};\n    \
             ssl_certificate /etc/letsencrypt/live/{name}/fullchain.pem;\n    \
             ssl_certificate_key /etc/letsencrypt/live/{name}/privkey.pem;\n"
        ));
    } else {
        text.push_str(&format!(
            "server {{\n    listen {port};\n    listen [::]:{port};\n    server_name {name};\n"
        ));
    }
    text.push_str(&body(plan, site, id, root));
    text.push_str("}\n");
    text
}

fn body(plan: &HostPlan, site: &Site, id: &str, root: &str) -> String {
    let mut text = String::from("\n");
    if site.root == "/" {
        text.push_str(&format!("    root \"{root}\";\n"));
    }
    text.push_str(
        "    index index.html;\n    autoindex off;\n    absolute_redirect off;\n    \
         server_tokens off;\n    charset utf-8;\n",
    );
    if plan.precompressed {
        text.push_str("    gzip_static on;\n    gzip_vary on;\n");
    }
    if !plan.written_not_found().is_empty() {
        text.push_str(&format!(
            "    error_page 404 {id}_not_found;\n    error_page 403 =404 {id}_not_found;\n"
        ));
    }
    text.push('\n');
    for (header, value) in plan.security() {
        text.push_str(&format!("    add_header {header} \"{value}\" always;\n"));
    }
    text.push_str(&format!(
        "    add_header Cache-Control {id}_cache;\n    \
         add_header Access-Control-Allow-Origin {id}_readers always;\n"
    ));
    if plan.reachable_post_office().is_some() {
        text.push_str(&format!("    add_header Retry-After {id}_retry always;\n"));
    }
    text.push_str("\n    types {\n");
    for ending in ENDINGS {
        text.push_str(&format!("        {} {ending};\n", media_type(&format!(".{ending}"))));
    }
    text.push_str("    }\n    default_type application/octet-stream;\n\n");
    text.push_str(&documents(plan));
    text.push_str(&webfinger(plan, id));
    text.push_str(&pages(plan, site, root));
    text
}

/// What lies below `/ap/`.
fn documents(plan: &HostPlan) -> String {
    let mut text = format!(
        "    # Documents for other servers.\n    location ^~ /ap/ {{\n        types {{ }}\n        \
         default_type {};\n",
        rules::ACTIVITY
    );
    if let Some(office) = plan.reachable_post_office() {
        let tls = if office.is_secure { "            proxy_ssl_server_name on;\n" } else { "" };
        text.push_str(&format!(
            "        # Letters and questions go to the post office.\n        \
             location ~ \"{POST_OFFICE_PATTERN}\" {{\n            \
             client_max_body_size {LETTER_KILOBYTES_MAX}k;\n            \
             proxy_pass {};\n{tls}            \
             proxy_set_header Host $http_host;\n            \
             proxy_set_header X-Forwarded-For $remote_addr;\n            \
             proxy_set_header X-Forwarded-Host $http_host;\n            \
             proxy_set_header X-Forwarded-Proto $scheme;\n            \
             # Others give up at 404 and come back after 503.\n            \
             error_page 502 504 @sitegen_away;\n        }}\n",
            office.origin
        ));
    }
    text.push_str("    }\n");
    if plan.reachable_post_office().is_some() {
        text.push_str("    location @sitegen_away {\n        return 503;\n    }\n");
    }
    let gone = plan.written_gone();
    if !gone.is_empty() {
        text.push_str("\n    # Posts that were taken back.\n");
        for path in gone {
            let path = quoted(&path);
            text.push_str(&format!(
                "    location = {path} {{\n        error_page 410 @sitegen_gone;\n        \
                 return 410;\n    }}\n"
            ));
        }
        text.push_str(&format!(
            "    location @sitegen_gone {{\n        types {{ }}\n        \
             default_type {};\n    }}\n",
            rules::ACTIVITY
        ));
    }
    text
}

fn webfinger(plan: &HostPlan, id: &str) -> String {
    let mut text = String::from("\n    # Who is who.\n    location ^~ /.well-known/ {\n    }\n");
    for (path, media_type) in WELL_KNOWN {
        let mut inside = String::new();
        if *path == WEBFINGER && !plan.fingers.is_empty() {
            inside = format!(
                "        if ($arg_resource = \"\") {{ return 400; }}\n        \
                 try_files {id}_finger =404;\n"
            );
        }
        text.push_str(&format!(
            "    location = {path} {{\n        types {{ }}\n        default_type {media_type};\n\
             {inside}    }}\n"
        ));
    }
    text
}

/// All else: feeds, pages, old addresses.
fn pages(plan: &HostPlan, site: &Site, root: &str) -> String {
    let mut text = String::from("\n    # Feeds and pages.\n");
    // With a path of its own the site is one of several on the host, and its files begin there.
    if site.root == "/" {
        text.push_str(&inner("    ", "/", None));
    } else {
        let start = plain(&site.root);
        text.push_str(&format!(
            "    # Whatever else is on this host goes here.\n    location / {{\n        \
             return 404;\n    }}\n    location ^~ {} {{\n        alias \"{root}/\";\n{}    }}\n",
            quoted(&start),
            inner("        ", &start, Some(root))
        ));
    }
    let redirects = plan.written_redirects();
    if !redirects.is_empty() {
        text.push_str("\n    # Old addresses.\n");
    }
    for (from, to) in redirects {
        for from in from.strip_suffix('/').into_iter().chain([&*from]) {
            text.push_str(&format!(
                "    location = {} {{\n        return 301 \"{to}\";\n    }}\n",
                quoted(from)
            ));
        }
    }
    text
}

/// Feeds by their names, and files that begin with a dot, which are nobody's business.
fn inner(margin: &str, start: &str, alias: Option<&str>) -> String {
    let start = pattern(start);
    let mut text = String::new();
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&format!(
            "{margin}location ~ \"^{start}((?:.*/)?{})$\" {{\n",
            pattern(names.file)
        ));
        // A location by regular expression has to say anew where its files are.
        if let Some(root) = alias {
            text.push_str(&format!("{margin}    alias \"{root}/$1\";\n"));
        }
        text.push_str(&format!(
            "{margin}    types {{ }}\n{margin}    default_type {};\n{margin}}}\n",
            names.media_type
        ));
    }
    text.push_str(&format!(
        "{margin}location ~ \"/\\.\" {{\n{margin}    return 404;\n{margin}}}\n"
    ));
    text
}

fn feed_files() -> Vec<String> {
    FeedFormat::ALL.iter().map(|format| format.names().file.to_owned()).collect()
}

/// A text in quotes, for names of locations and files, in which nginx looks for no variables.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
