//! Caddy, from 2.6 on: a Caddyfile.
//!
//! Caddy decodes paths and queries before it compares them, and has its certificates by itself.

use super::HostPlan;
use super::rules::{
    self, Area, ENDINGS, JRD, LASTING, LETTER_KILOBYTES_MAX, POST_OFFICE_PATTERN, RETRY_SECONDS,
    Site, WEBFINGER, WELL_KNOWN,
};
use super::spelling::{address, any_of, path_pattern, pattern, plain};
use crate::artifact::media_type;
use crate::config::FeedFormat;

pub(super) fn snippet(plan: &HostPlan, root: &str) -> String {
    let site = plan.site();
    let Site { name, origin, .. } = &site;
    let start = plain(&site.root);
    let mut text = format!(
        "# {name} with Caddy, written by sitegen. Put this into /etc/caddy/Caddyfile, or into a\n\
         # file that it imports. Caddy gets a certificate by itself, so the name has to lead to\n\
         # this machine. Then: systemctl reload caddy\n\n{origin} {{\n\troot * \"{root}\"\n\n"
    );
    text.push_str(&maps(plan));
    text.push_str("\theader {\n");
    for (header, value) in plan.security() {
        text.push_str(&format!("\t\t{header} \"{value}\"\n"));
    }
    let feeds: Vec<String> =
        FeedFormat::ALL.iter().map(|format| format!("*/{}", format.names().file)).collect();
    text.push_str(&format!(
        "\t}}\n\t@ours not path_regexp \"{POST_OFFICE_PATTERN}\"\n\
         \theader @ours Cache-Control {{sitegen_cache}}\n\
         \t@for_all path /ap/* /.well-known/* {}\n\
         \theader @for_all Access-Control-Allow-Origin *\n",
        feeds.join(" ")
    ));
    if !plan.written_redirects().is_empty() {
        text.push_str(
            "\t@moved expression `{sitegen_moved} != \"\"`\n\
             \tredir @moved {sitegen_moved} 301\n",
        );
    }
    text.push_str(
        "\n\troute {\n\t\t# Files that begin with a dot are nobody's business.\n\
         \t\t@hidden {\n\t\t\tpath */.*\n\t\t\tnot path /.well-known/*\n\t\t}\n\
         \t\terror @hidden 404\n",
    );
    let route = [post_office(plan), documents(plan), webfinger(plan), pages(plan, &start)];
    for line in route.concat().lines() {
        let margin = if line.is_empty() { "" } else { "\t" };
        text.push_str(&format!("{margin}{line}\n"));
    }
    text.push_str("\t}\n");
    text.push_str(&errors(plan, &start));
    text.push_str("}\n");
    text
}

/// What is chosen by the path. The first line that fits is taken.
fn maps(plan: &HostPlan) -> String {
    let mut text = format!(
        "\t# How long browsers keep what they have.\n\tmap {{path}} {{sitegen_cache}} {{\n\
         \t\t\"~^/(?:ap|\\.well-known)/\" \"{0}\"\n\
         \t\t\"~(?i)\\.(?:{1})$\" \"{2}\"\n\t\tdefault \"{0}\"\n\t}}\n\
         \t# What things are.\n\tmap {{path}} {{sitegen_type}} {{\n\
         \t\t\"~^/ap/\" {3}\n",
        Area::Page.cache_control(),
        LASTING.join("|"),
        Area::Lasting.cache_control(),
        rules::ACTIVITY,
    );
    for (path, media_type) in WELL_KNOWN {
        text.push_str(&format!("\t\t{path} {media_type}\n"));
    }
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&format!("\t\t\"~/{}$\" {}\n", pattern(names.file), names.media_type));
    }
    text.push_str("\t\t\"~/$\" \"text/html; charset=utf-8\"\n");
    for ending in ENDINGS {
        let media_type = rules::with_charset(media_type(&format!(".{ending}")));
        text.push_str(&format!("\t\t\"~(?i)\\.{ending}$\" \"{media_type}\"\n"));
    }
    text.push_str("\t\tdefault application/octet-stream\n\t}\n");
    let redirects = plan.written_redirects();
    if !redirects.is_empty() {
        text.push_str("\t# Old addresses.\n\tmap {path} {sitegen_moved} {\n");
        for (from, to) in redirects {
            text.push_str(&format!("\t\t\"~^{}$\" \"{to}\"\n", path_pattern(&from)));
        }
        text.push_str("\t\tdefault \"\"\n\t}\n");
    }
    text.push('\n');
    text
}

fn files(plan: &HostPlan) -> &'static str {
    if plan.precompressed {
        "header Content-Type {sitegen_type}\n\t\tfile_server {\n\t\t\tprecompressed gzip\n\t\t}"
    } else {
        "header Content-Type {sitegen_type}\n\t\tfile_server"
    }
}

fn post_office(plan: &HostPlan) -> String {
    let Some(office) = plan.reachable_post_office() else { return String::new() };
    format!(
        "\n\t# Letters and questions go to the post office.\n\
         \t@post_office path_regexp \"{POST_OFFICE_PATTERN}\"\n\
         \thandle @post_office {{\n\
         \t\t@too_long expression `{{header.Content-Length}} != \"\" && \
         int({{header.Content-Length}}) > {}`\n\
         \t\terror @too_long 413\n\
         \t\treverse_proxy {}\n\t}}\n",
        LETTER_KILOBYTES_MAX * 1024,
        office.origin
    )
}

fn documents(plan: &HostPlan) -> String {
    let mut text = String::from("\n");
    let gone = plan.written_gone();
    if !gone.is_empty() {
        let gone = any_of(&gone, pattern);
        text.push_str(&format!(
            "\t# Posts that were taken back.\n\t@gone path_regexp \"^(?:{gone})$\"\n\
             \thandle @gone {{\n\t\terror 410\n\t}}\n"
        ));
    }
    text
}

fn webfinger(plan: &HostPlan) -> String {
    if plan.fingers.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n\t# Who is who.\n\thandle {WEBFINGER} {{\n\
         \t\tmap {{query.resource}} {{sitegen_finger}} {{\n"
    );
    for finger in &plan.fingers {
        let pattern = any_of(&finger.resources(), pattern);
        let file = address(&finger.file);
        text.push_str(&format!("\t\t\t\"~(?i)^(?:{pattern})$\" \"{file}\"\n"));
    }
    text.push_str(&format!(
        "\t\t\tdefault \"\"\n\t\t}}\n\
         \t\troute {{\n\
         \t\t\t@nobody expression `{{query.resource}} == \"\"`\n\
         \t\t\terror @nobody 400\n\
         \t\t\t@unknown expression `{{sitegen_finger}} == \"\"`\n\
         \t\t\terror @unknown 404\n\
         \t\t\theader Content-Type {JRD}\n\
         \t\t\trewrite {{sitegen_finger}}\n\
         \t\t\tfile_server\n\t\t}}\n\t}}\n"
    ));
    text
}

fn pages(plan: &HostPlan, start: &str) -> String {
    let (handle, end) = if start == "/" {
        ("handle".to_owned(), "")
    } else {
        (format!("handle_path {}*", address(start)), "\thandle {\n\t\terror 404\n\t}\n")
    };
    format!("\n\t# Documents, feeds and pages.\n\t{handle} {{\n\t\t{}\n\t}}\n{end}", files(plan))
}

fn errors(plan: &HostPlan, start: &str) -> String {
    let mut text = String::from("\n\thandle_errors {\n\t\theader -Cache-Control\n");
    if plan.reachable_post_office().is_some() {
        text.push_str(&format!(
            "\t\t# Others give up at 404 and come back after 503.\n\
             \t\t@away expression `{{err.status_code}} in [502, 503, 504]`\n\
             \t\thandle @away {{\n\t\t\theader Retry-After {RETRY_SECONDS}\n\
             \t\t\theader Content-Type \"text/plain; charset=utf-8\"\n\
             \t\t\trespond \"The post office is away.\" 503\n\t\t}}\n"
        ));
    }
    if !plan.written_gone().is_empty() {
        text.push_str(&format!(
            "\t\t@taken_back expression `{{err.status_code}} == 410`\n\
             \t\thandle @taken_back {{\n\t\t\theader Content-Type {}\n\
             \t\t\tfile_server\n\t\t}}\n",
            rules::ACTIVITY
        ));
    }
    for (number, (from, page)) in plan.written_not_found().into_iter().enumerate() {
        // The page lies in the output folder, which a site with a path does not begin at.
        let file = plain(&page);
        let file = file.strip_prefix(start).unwrap_or(&file);
        // It takes the path as it is, but for these.
        if file.contains(['%', '{', '}', '?', '#', '"', '`']) {
            text.push_str("\t\t# One has a character that cannot be named.\n");
            continue;
        }
        text.push_str(&format!(
            "\t\t@not_found_{number} {{\n\t\t\texpression `{{err.status_code}} == 404`\n\
             \t\t\tpath_regexp \"^{}\"\n\t\t}}\n\
             \t\thandle @not_found_{number} {{\n\
             \t\t\theader Content-Type \"text/html; charset=utf-8\"\n\
             \t\t\trewrite * \"/{}\"\n\t\t\tfile_server\n\t\t}}\n",
            pattern(&from),
            file
        ));
    }
    text.push_str(
        "\t\thandle {\n\t\t\theader Content-Type \"text/plain; charset=utf-8\"\n\
         \t\t\trespond \"{err.status_code} {err.status_text}\"\n\t\t}\n\t}\n",
    );
    text
}
