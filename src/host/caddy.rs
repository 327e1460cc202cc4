//! Caddy, from 2.6 on: a Caddyfile.
//!
//! Caddy decodes paths and queries before it compares them, and has its certificates by itself.

use super::HostPlan;
use super::rules::{
    self, Area, ENDINGS, LASTING, LETTER_KILOBYTES_MAX, POST_OFFICE_PATTERN, RETRY_SECONDS, Site,
    WEBFINGER, WELL_KNOWN,
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
    text.push_str("\theader {\n");
    for (header, value) in plan.headers(Area::Page) {
        text.push_str(&format!("\t\t{header} \"{value}\"\n"));
    }
    text.push_str("\t}\n");
    let lasting: Vec<String> = LASTING.iter().map(|ending| format!("*.{ending}")).collect();
    let feeds: Vec<String> =
        FeedFormat::ALL.iter().map(|format| format!("*/{}", format.names().file)).collect();
    text.push_str(&format!(
        "\t@lasting {{\n\t\tpath {}\n\t\tnot path /ap/* /.well-known/*\n\t}}\n\
         \theader @lasting Cache-Control \"{}\"\n\
         \t@for_all path /ap/* /.well-known/* {}\n\
         \theader @for_all Access-Control-Allow-Origin *\n",
        lasting.join(" "),
        Area::Lasting.cache_control(),
        feeds.join(" ")
    ));
    text.push_str(
        "\n\t# Files that begin with a dot are nobody's business.\n\
         \t@hidden {\n\t\tpath */.*\n\t\tnot path /.well-known/*\n\t}\n\terror @hidden 404\n",
    );
    text.push_str(&redirects(plan));
    text.push_str(&post_office(plan));
    text.push_str(&documents(plan));
    text.push_str(&webfinger(plan));
    text.push_str(&pages(plan, &start));
    text.push_str(&errors(plan, &start));
    text.push_str("}\n");
    text
}

fn files(plan: &HostPlan) -> &'static str {
    if plan.precompressed {
        "file_server {\n\t\t\tprecompressed gzip\n\t\t}"
    } else {
        "file_server"
    }
}

fn redirects(plan: &HostPlan) -> String {
    let redirects = plan.written_redirects();
    if redirects.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n\t# Old addresses.\n\tmap {path} {sitegen_moved} {\n");
    for (from, to) in redirects {
        text.push_str(&format!("\t\t\"~^{}$\" \"{to}\"\n", path_pattern(&from)));
    }
    text.push_str(
        "\t\tdefault \"\"\n\t}\n\t@moved expression `{sitegen_moved} != \"\"`\n\
         \tredir @moved {sitegen_moved} 301\n",
    );
    text
}

fn post_office(plan: &HostPlan) -> String {
    let Some(office) = plan.reachable_post_office() else { return String::new() };
    format!(
        "\n\t# Letters and questions go to the post office.\n\
         \t@post_office path_regexp \"{POST_OFFICE_PATTERN}\"\n\
         \thandle @post_office {{\n\
         \t\trequest_body {{\n\t\t\tmax_size {LETTER_KILOBYTES_MAX}KiB\n\t\t}}\n\
         \t\treverse_proxy {}\n\t}}\n",
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
    text.push_str(&format!(
        "\t# Documents for other servers.\n\thandle /ap/* {{\n\
         \t\theader Content-Type {}\n\t\t{}\n\t}}\n",
        rules::ACTIVITY,
        files(plan)
    ));
    text
}

fn webfinger(plan: &HostPlan) -> String {
    let mut text = String::from("\n\t# Who is who.\n");
    for (path, media_type) in WELL_KNOWN {
        text.push_str(&format!("\thandle {path} {{\n"));
        if *path == WEBFINGER && !plan.fingers.is_empty() {
            text.push_str("\t\tmap {query.resource} {sitegen_finger} {\n");
            for finger in &plan.fingers {
                let pattern = any_of(&finger.resources(), pattern);
                text.push_str(&format!(
                    "\t\t\t\"~(?i)^(?:{pattern})$\" \"{}\"\n",
                    address(&finger.file)
                ));
            }
            text.push_str(
                "\t\t\tdefault \"\"\n\t\t}\n\
                 \t\t@nobody expression `{query.resource} == \"\"`\n\
                 \t\thandle @nobody {\n\t\t\terror 400\n\t\t}\n\
                 \t\t@unknown expression `{sitegen_finger} == \"\"`\n\
                 \t\thandle @unknown {\n\t\t\terror 404\n\t\t}\n\
                 \t\trewrite {sitegen_finger}\n",
            );
        }
        text.push_str(&format!(
            "\t\theader Content-Type {media_type}\n\t\t{}\n\t}}\n",
            files(plan)
        ));
    }
    text
}

fn pages(plan: &HostPlan, start: &str) -> String {
    let mut text = String::from("\n\t# Feeds and pages.\n");
    let (handle, end) = if start == "/" {
        ("handle".to_owned(), "")
    } else {
        (format!("handle_path {}*", address(start)), "\thandle {\n\t\terror 404\n\t}\n")
    };
    text.push_str(&format!("\t{handle} {{\n"));
    for ending in ENDINGS {
        let media_type = rules::with_charset(media_type(&format!(".{ending}")));
        text.push_str(&format!(
            "\t\t@{ending} path *.{ending}\n\t\theader @{ending} Content-Type \"{media_type}\"\n"
        ));
    }
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&format!(
            "\t\t@{0} path */{1}\n\t\theader @{0} Content-Type {2}\n",
            format!("feed_{}", names.name),
            names.file,
            names.media_type
        ));
    }
    text.push_str(&format!("\t\t{}\n\t}}\n{end}", files(plan)));
    text
}

fn errors(plan: &HostPlan, start: &str) -> String {
    let mut text = String::from("\n\thandle_errors {\n\t\theader -Cache-Control\n");
    text.push_str("\t\theader -Content-Type\n");
    if plan.reachable_post_office().is_some() {
        text.push_str(&format!(
            "\t\t# Others give up at 404 and come back after 503.\n\
             \t\t@away expression `{{err.status_code}} in [502, 503, 504]`\n\
             \t\thandle @away {{\n\t\t\theader Retry-After {RETRY_SECONDS}\n\
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
        text.push_str(&format!(
            "\t\t@not_found_{number} {{\n\t\t\texpression `{{err.status_code}} == 404`\n\
             \t\t\tpath_regexp \"^{}\"\n\t\t}}\n\
             \t\thandle @not_found_{number} {{\n\
             \t\t\theader Content-Type \"text/html; charset=utf-8\"\n\
             \t\t\trewrite * \"/{}\"\n\t\t\tfile_server\n\t\t}}\n",
            pattern(&from),
            address(file)
        ));
    }
    text.push_str(
        "\t\thandle {\n\t\t\trespond \"{err.status_code} {err.status_text}\"\n\t\t}\n\t}\n",
    );
    text
}
