//! lighttpd, from 1.4.69 on: a file to be included.
//!
//! The last condition that holds wins a setting as a whole. So conditions exclude each other, and
//! each has all headers.

use super::HostPlan;
use super::rules::{
    self, Area, ENDINGS, LASTING, LETTER_KILOBYTES_MAX, PostOffice, RETRY_SECONDS, Site, WEBFINGER,
    WELL_KNOWN,
};
use super::spelling::{any_of, path_pattern, pattern, plain, query_pattern};
use crate::artifact::media_type;
use crate::config::FeedFormat;

pub(super) fn snippet(plan: &HostPlan, root: &str) -> String {
    let site = plan.site();
    let Site { name, origin, .. } = &site;
    let mut text = format!(
        "# {name} with lighttpd, written by sitegen.\n\
         #\n\
         # 1. Put this file at /etc/lighttpd/conf-enabled/90-{name}.conf\n\
         # 2. Install the part for https: apt install lighttpd-mod-openssl\n"
    );
    if site.is_secure {
        text.push_str(&format!(
            "# 3. Get a certificate (`certbot certonly --standalone -d {name}`,\n\
             #    while no web server runs), and name\n\
             #    its two files below if they lie elsewhere.\n"
        ));
    }
    text.push_str(
        "# Then: lighttpd -tt -f /etc/lighttpd/lighttpd.conf && systemctl restart lighttpd\n\
         #\n\
         # lighttpd sends no files that were compressed before, has no 410 for posts that were\n\
         # taken back (they are 404), and takes whoever asks WebFinger for nobody to ask for the\n\
         # first actor. Redirects have no security headers where mod_redirect is loaded first.\n\n",
    );
    if plan.post_office.is_some() && plan.reachable_post_office().is_none() {
        text.push_str(
            "# There is no rule for the post office: lighttpd passes requests on only to an\n\
             # address such as http://127.0.0.1:8025.\n\n",
        );
    }
    let mut modules =
        vec!["mod_access", "mod_alias", "mod_redirect", "mod_setenv", "mod_dirlisting"];
    if plan.reachable_post_office().is_some() {
        modules.push("mod_proxy");
    }
    if site.is_secure {
        modules.push("mod_openssl");
    }
    let modules: Vec<String> = modules.iter().map(|module| format!("\"{module}\"")).collect();
    text.push_str(&format!("server.modules += ( {} )\n\n", modules.join(", ")));
    if site.is_secure {
        text.push_str(&certificate(&site));
        text.push_str(&format!(
            "$HTTP[\"host\"] =~ \"^{}(?::|$)\" {{\n    $HTTP[\"scheme\"] == \"http\" {{\n        \
             $HTTP[\"url\"] !~ \"^/\\.well-known/acme-challenge/\" {{\n            \
             url.redirect = ( \"\" => \"{origin}${{url.path}}${{qsa}}\" )\n            \
             url.redirect-code = 301\n        }}\n    }}\n}}\n\n",
            pattern(name)
        ));
    }
    let scheme = if site.is_secure { "https" } else { "http" };
    text.push_str(&format!(
        "$HTTP[\"host\"] =~ \"^{}(?::|$)\" {{\n    $HTTP[\"scheme\"] == \"{scheme}\" {{\n",
        pattern(name)
    ));
    for line in body(plan, &site, root).lines() {
        let margin = if line.is_empty() { "" } else { "        " };
        text.push_str(&format!("{margin}{line}\n"));
    }
    text.push_str("    }\n}\n");
    text
}

/// The sockets, which all sites of a server share.
fn certificate(site: &Site) -> String {
    let Site { name, port, .. } = site;
    let mut text = String::from(
        "# When another site has such blocks already, leave these out, and put `ssl.pemfile`\n\
         # and `ssl.privkey` below `$HTTP[\"host\"]`.\n",
    );
    for socket in [format!(":{port}"), format!("[::]:{port}")] {
        text.push_str(&format!(
            "$SERVER[\"socket\"] == \"{socket}\" {{\n    ssl.engine = \"enable\"\n    \
             ssl.pemfile = \"/etc/letsencrypt/live/{name}/fullchain.pem\"\n    \
             ssl.privkey = \"/etc/letsencrypt/live/{name}/privkey.pem\"\n}}\n"
        ));
    }
    text
}

fn body(plan: &HostPlan, site: &Site, root: &str) -> String {
    let start = plain(&site.root);
    let mut text = if start == "/" {
        format!("server.document-root = \"{root}\"\n")
    } else {
        format!("alias.url = ( \"{start}\" => \"{root}/\" )\n")
    };
    text.push_str(
        "index-file.names = ( \"index.html\" )\ndir-listing.activate = \"disable\"\n\
         mimetype.assign = (\n",
    );
    for ending in ENDINGS {
        let media_type = rules::with_charset(media_type(&format!(".{ending}")));
        text.push_str(&format!("    \".{ending}\" => \"{media_type}\",\n"));
    }
    text.push_str("    \"\" => \"application/octet-stream\"\n)\n");
    for (number, (from, page)) in plan.written_not_found().into_iter().rev().enumerate() {
        // What it looks for is this and `404.html`.
        let page = plain(&page);
        let folder = page.strip_prefix(&start).and_then(|page| page.strip_suffix("404.html"));
        if let Some(folder) = folder.filter(|folder| folder.is_empty() || is_simple(folder)) {
            let prefix = format!("server.errorfile-prefix = \"{root}/{folder}\"\n");
            if number == 0 {
                text.push_str(&prefix);
            } else {
                let from = pattern(&from);
                text.push_str(&format!("$HTTP[\"url\"] =~ \"^{from}\" {{\n    {prefix}}}\n"));
            }
        }
    }
    text.push_str(&documents(plan, root));
    text.push_str(&well_known(plan, root));
    text.push_str(&pages(plan));
    text
}

/// One type for whatever is there; the error page is not.
fn one_type(media_type: &str) -> String {
    let html = rules::with_charset("text/html");
    format!("    mimetype.assign = ( \".html\" => \"{html}\", \"\" => \"{media_type}\" )\n")
}

/// Whether a folder can stand between quotes.
fn is_simple(folder: &str) -> bool {
    folder.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

fn headers(plan: &HostPlan, area: Area) -> String {
    let headers = plan.headers(area);
    let lines = headers.iter().map(|(name, value)| format!("        \"{name}\" => \"{value}\""));
    let lines = lines.collect::<Vec<_>>().join(",\n");
    format!("    setenv.set-response-header = (\n{lines}\n    )\n")
}

/// What lies below `/ap/`.
fn documents(plan: &HostPlan, root: &str) -> String {
    let office = plan.reachable_post_office();
    let mut text = String::from("\n# Documents for other servers.\n");
    let mut otherwise = "";
    if let Some(office) = office {
        text.push_str(&letters(plan, &office));
        otherwise = "else ";
    }
    let gone = plan.written_gone();
    let gone = if gone.is_empty() {
        String::new()
    } else {
        format!(
            "    # Posts that were taken back: there is no such file.\n    \
             $HTTP[\"url\"] =~ \"^(?:{})$\" {{\n        \
             alias.url = ( \"/ap/\" => \"{root}/.taken-back/\" )\n    }}\n",
            any_of(&gone, pattern)
        )
    };
    text.push_str(&format!(
        "{otherwise}$HTTP[\"url\"] =~ \"^/ap/\" {{\n{}{}{gone}}}\n",
        one_type(rules::ACTIVITY),
        headers(plan, Area::Documents)
    ));
    text
}

fn letters(plan: &HostPlan, office: &PostOffice) -> String {
    let number = office.number.map_or_else(|| "127.0.0.1".to_owned(), |number| number.to_string());
    let site = plan.site();
    let mut answer = plan.security();
    // Only what is not taken is tried again, so this may stand at every answer.
    answer.push(("Retry-After", RETRY_SECONDS.to_string()));
    let lines = answer.iter().map(|(name, value)| format!("        \"{name}\" => \"{value}\""));
    format!(
        "# Letters and questions go to the post office; while it is away the answer is 503.\n\
         $HTTP[\"url\"] =~ \"{}\" {{\n    \
         proxy.server = ( \"\" => (( \"host\" => \"{number}\", \"port\" => {},\n        \
         \"disable-time\" => 0 )) )\n    \
         server.max-request-size = {LETTER_KILOBYTES_MAX}\n    \
         setenv.set-request-header = (\n        \"X-Forwarded-For\" => \"\",\n        \
         \"X-Forwarded-Host\" => \"{}\"\n    )\n    \
         setenv.set-response-header = (\n{}\n    )\n}}\n",
        rules::POST_OFFICE_PATTERN,
        office.port,
        site.name,
        lines.collect::<Vec<_>>().join(",\n")
    )
}

fn well_known(plan: &HostPlan, root: &str) -> String {
    let mut text = String::from("# Who is who.\nelse $HTTP[\"url\"] =~ \"^/\\.well-known/\" {\n");
    text.push_str(&headers(plan, Area::WellKnown));
    for (path, media_type) in WELL_KNOWN {
        text.push_str(&format!("    $HTTP[\"url\"] == \"{path}\" {{\n"));
        text.push_str(&format!("    {}", one_type(media_type)));
        if *path == WEBFINGER {
            // A file keeps the type that it was first sent with, by its path: two slashes make it
            // another one.
            let mut otherwise = "";
            for finger in &plan.fingers {
                let pattern = any_of(&finger.resources(), query_pattern);
                text.push_str(&format!(
                    "        {otherwise}$HTTP[\"querystring\"] =~ \
                     \"(?i)^(?:[^&]*&)*?resource=(?:{pattern})(?:&|$)\" {{\n            \
                     alias.url = ( \"{path}\" => \"{root}/{}\" )\n        }}\n",
                    plain(&finger.file)
                ));
                otherwise = "else ";
            }
            if !plan.fingers.is_empty() {
                text.push_str(
                    "        else $HTTP[\"querystring\"] =~ \"(?:^|&)resource=[^&]\" {\n",
                );
                let nobody = format!("( \"{path}\" => \"{root}/.nobody\" )");
                text.push_str(&format!("            alias.url = {nobody}\n        }}\n"));
            }
        }
        text.push_str("    }\n");
    }
    text.push_str("}\n");
    text
}

/// All else: feeds, old addresses, pages.
fn pages(plan: &HostPlan) -> String {
    let mut text = String::from("# Feeds and pages.\n");
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&format!(
            "else $HTTP[\"url\"] =~ \"/{}$\" {{\n{}{}}}\n",
            pattern(names.file),
            one_type(names.media_type),
            headers(plan, Area::Feed(*format))
        ));
    }
    text.push_str(&format!(
        "else $HTTP[\"url\"] =~ \"(?i)\\.(?:{})$\" {{\n{}}}\n\
         else $HTTP[\"url\"] =~ \"^/\" {{\n{}}}\n\
         # Files that begin with a dot are nobody's business.\n\
         $HTTP[\"url\"] =~ \"/\\.(?!well-known(?:/|$))\" {{\n    \
         url.access-deny = ( \"\" )\n}}\n",
        LASTING.join("|"),
        headers(plan, Area::Lasting),
        headers(plan, Area::Page)
    ));
    let redirects = plan.written_redirects();
    if !redirects.is_empty() {
        text.push_str("# Old addresses.\n");
    }
    for (from, to) in redirects {
        // A percent sign and a digit would stand for a part of the condition.
        text.push_str(&format!(
            "$HTTP[\"url\"] =~ \"^{}$\" {{\n    url.redirect = ( \"\" => \"{}\" )\n    \
             url.redirect-code = 301\n}}\n",
            path_pattern(&from),
            to.replace('%', "%%")
        ));
    }
    text
}
