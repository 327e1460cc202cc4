//! Apache 2.4: `.htaccess` files in the output, which do all that they can, and a virtual host for
//! those who have the server to themselves.
//!
//! A module that is not there leaves a site without its headers and not without its pages.

use super::rules::{
    self, Area, COMPRESSED, ENDINGS, JRD, LASTING, LETTER_KILOBYTES_MAX, POST_OFFICE_PATTERN,
    RETRY_SECONDS, Site, WELL_KNOWN,
};
use super::spelling::{address, any_of, path_pattern, pattern, plain, query_pattern};
use super::{HostFile, HostPlan};
use crate::artifact::media_type;
use crate::config::FeedFormat;

pub(super) fn files(plan: &HostPlan) -> Vec<HostFile> {
    let site = plan.site();
    let mut files = vec![HostFile::new(".htaccess", root_file(plan, &site))];
    if site.root == "/" {
        // By name, for what is said of names is stronger than what is said of folders.
        files.push(HostFile::new("ap/.htaccess", in_files(".", rules::ACTIVITY)));
        let mut text = String::new();
        for (path, media_type) in WELL_KNOWN {
            let name = path.rsplit('/').next().unwrap_or(path);
            text.push_str(&in_files(&format!("^{}$", pattern(name)), media_type));
        }
        files.push(HostFile::new(".well-known/.htaccess", text));
    }
    for (from, page) in plan.written_not_found() {
        let folder = from.strip_prefix(&plain(&site.root)).unwrap_or_default();
        if !folder.is_empty() && folder.ends_with('/') {
            let text = format!("ErrorDocument 404 {}\n", error_document(&page));
            files.push(HostFile::new(&format!("{folder}.htaccess"), text));
        }
    }
    files
}

fn in_files(pattern: &str, media_type: &str) -> String {
    format!("<FilesMatch \"{pattern}\">\n    ForceType \"{media_type}\"\n</FilesMatch>\n")
}

/// A local path for `ErrorDocument`, in which `%{` would be an expression.
fn error_document(page: &str) -> String {
    address(page)
}

fn root_file(plan: &HostPlan, site: &Site) -> String {
    let mut text = String::from(
        "# Written by sitegen. Apache reads it where `AllowOverride All` stands for this folder.\n\
         \n\
         Options -Indexes -MultiViews\nDirectoryIndex index.html\nAddDefaultCharset utf-8\n",
    );
    let pages = plan.written_not_found();
    if let Some((_, page)) = pages.iter().find(|(from, _)| *from == plain(&site.root)) {
        text.push_str(&format!("ErrorDocument 404 {}\n", error_document(page)));
    }
    if !plan.written_gone().is_empty() {
        text.push_str("# What was taken back says so itself.\nErrorDocument 410 /%{REQUEST_URI}\n");
    }
    text.push('\n');
    for ending in ENDINGS {
        let media_type = media_type(&format!(".{ending}"));
        text.push_str(&format!("AddType {media_type} .{ending}\n"));
    }
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&in_files(&format!("^{}$", pattern(names.file)), names.media_type));
    }
    text.push_str(&headers(plan));
    text.push_str(&rewrites(plan, site));
    if plan.precompressed {
        text.push_str(&compressed());
    }
    text
}

fn headers(plan: &HostPlan) -> String {
    let mut text = String::from("\n<IfModule mod_headers.c>\n");
    for (name, value) in plan.security() {
        text.push_str(&format!("    Header always set {name} \"{}\"\n", value.replace('%', "%%")));
    }
    let feeds: Vec<String> = FeedFormat::ALL.iter().map(|f| f.names().file.to_owned()).collect();
    let feeds = any_of(&feeds, pattern);
    text.push_str(&format!(
        "    Header set Cache-Control \"{}\"\n    \
         Header set Cache-Control \"{}\" \"expr=%{{REQUEST_URI}} =~ m#(?i)\\.(?:{})$# \
         && %{{REQUEST_URI}} !~ m#^/(?:ap|\\.well-known)/#\"\n    \
         Header set Access-Control-Allow-Origin \"*\" \
         \"expr=%{{REQUEST_URI}} =~ m#^/(?:ap|\\.well-known)/|/(?:{feeds})$#\"\n    \
         Header set Content-Type {JRD} env=REDIRECT_sitegen_finger\n\
         </IfModule>\n",
        Area::Page.cache_control(),
        Area::Lasting.cache_control(),
        LASTING.join("|"),
    ));
    text
}

fn rewrites(plan: &HostPlan, site: &Site) -> String {
    let mut text = String::from("\n<IfModule mod_rewrite.c>\n    RewriteEngine On\n");
    let hidden = "    # Files that begin with a dot are nobody's business.\n    \
                  RewriteRule \"(?:^|/)\\.(?!well-known(?:/|$))\" - [R=404,L]\n";
    text.push_str(hidden);
    if let Some(program) = plan.program() {
        let pattern = POST_OFFICE_PATTERN.replacen("^/", "^", 1);
        text.push_str(&format!(
            "    # Letters and questions go to the post office, which sees what was asked.\n    \
             RewriteRule \"{pattern}\" \"{program}\" [END]\n"
        ));
    }
    if !plan.fingers.is_empty() {
        text.push_str("    # Who is asked for.\n");
        for finger in &plan.fingers {
            let pattern = any_of(&finger.resources(), query_pattern);
            text.push_str(&format!(
                "    RewriteCond %{{QUERY_STRING}} \"^(?:[^&]*&)*?resource=(?:{pattern})(?:&|$)\" \
                 [NC]\n    RewriteRule \"^\\.well-known/webfinger$\" \"{}\" \
                 [E=sitegen_finger:1,END]\n",
                escaped(&finger.file)
            ));
        }
        text.push_str(
            "    RewriteCond %{QUERY_STRING} \"!(?:^|&)resource=[^&]\"\n    \
             RewriteRule \"^\\.well-known/webfinger$\" - [R=400,L]\n    \
             RewriteRule \"^\\.well-known/webfinger$\" - [R=404,L]\n",
        );
    }
    for path in plan.written_gone() {
        text.push_str(&format!(
            "    RewriteCond %{{ENV:REDIRECT_STATUS}} \"^$\"\n    RewriteRule \"^{}$\" - [G]\n",
            path_pattern(path.trim_start_matches('/'))
        ));
    }
    for (from, to) in plan.written_redirects() {
        // Rules in a folder see what remains of the path there.
        if let Some(inside) = from.strip_prefix(&plain(&site.root)) {
            text.push_str(&format!(
                "    RewriteRule \"^{}$\" \"{}\" [R=301,NE,L]\n",
                path_pattern(inside),
                escaped(&to)
            ));
        }
    }
    if plan.precompressed {
        let endings = COMPRESSED.join("|");
        text.push_str(&format!(
            "    # What has been compressed already.\n    \
             RewriteCond %{{HTTP:Accept-Encoding}} \"\\bgzip\\b\"\n    \
             RewriteCond %{{REQUEST_FILENAME}} \"\\.(?:{endings})$\"\n    \
             RewriteCond %{{REQUEST_FILENAME}}.gz -f\n    \
             RewriteRule \"^(.+)$\" \"$1.gz\" [E=no-gzip:1,END]\n"
        ));
    }
    text.push_str("</IfModule>\n");
    text
}

/// A path to rewrite to, in which a percent sign and a digit would stand for a condition.
fn escaped(path: &str) -> String {
    address(path).replace('%', "\\%")
}

/// A compressed file has the type of what is in it.
fn compressed() -> String {
    let mut text = String::from("\n");
    for ending in COMPRESSED {
        let media_type = rules::with_charset(media_type(&format!(".{ending}")));
        text.push_str(&in_files(&format!("\\.{ending}\\.gz$"), &media_type));
    }
    for format in FeedFormat::ALL {
        let names = format.names();
        text.push_str(&in_files(&format!("^{}\\.gz$", pattern(names.file)), names.media_type));
    }
    let endings = COMPRESSED.join("|");
    text.push_str(&format!(
        "<FilesMatch \"\\.(?:{endings})\\.gz$\">\n    AddEncoding gzip .gz\n</FilesMatch>\n\
         <FilesMatch \"\\.(?:{endings})(?:\\.gz)?$\">\n    <IfModule mod_headers.c>\n        \
         Header append Vary Accept-Encoding\n    </IfModule>\n</FilesMatch>\n"
    ));
    text
}

pub(super) fn snippet(plan: &HostPlan, root: &str) -> String {
    let site = plan.site();
    let Site { name, port, origin, .. } = &site;
    let mut text = format!(
        "# {name} with Apache, written by sitegen. The rules of the site itself lie in its\n\
         # output, in .htaccess files: on shared hosting they are all there is to do.\n\
         #\n\
         # On a server of your own:\n\
         # 1. Put this file at /etc/apache2/sites-available/{name}.conf\n\
         # 2. a2enmod ssl rewrite headers{}\n",
        if plan.reachable_post_office().is_some() { " proxy proxy_http" } else { "" }
    );
    if site.is_secure {
        text.push_str(&format!(
            "# 3. Get a certificate (`certbot certonly --standalone -d {name}`,\n\
             #    while no web server runs), and name\n\
             #    its two files below if they lie elsewhere.\n"
        ));
    }
    text.push_str(&format!("# Then: a2ensite {name} && systemctl reload apache2\n\n"));
    if site.is_secure {
        text.push_str(&format!(
            "<VirtualHost *:80>\n    ServerName {name}\n    \
             RedirectMatch 301 \"^/(?!\\.well-known/acme-challenge/)(.*)$\" \"{origin}/$1\"\n    \
             Alias /.well-known/acme-challenge/ \"{root}/.well-known/acme-challenge/\"\n    \
             <Directory \"{root}\">\n        Require all granted\n    </Directory>\n\
             </VirtualHost>\n\n"
        ));
    }
    text.push_str(&format!("<VirtualHost *:{port}>\n    ServerName {name}\n"));
    if site.is_secure {
        text.push_str(&format!(
            "    SSLEngine on\n    \
             SSLCertificateFile /etc/letsencrypt/live/{name}/fullchain.pem\n    \
             SSLCertificateKeyFile /etc/letsencrypt/live/{name}/privkey.pem\n"
        ));
    }
    if site.root == "/" {
        text.push_str(&format!("    DocumentRoot \"{root}\"\n"));
    } else {
        let start = plain(&site.root);
        let bare = start.trim_end_matches('/');
        text.push_str(&format!(
            "    Alias \"{start}\" \"{root}/\"\n    \
             RedirectMatch 301 \"^{}$\" \"{}\"\n",
            pattern(bare),
            address(&start)
        ));
    }
    text.push_str(&format!(
        "    <Directory \"{root}\">\n        AllowOverride All\n        \
         Options SymLinksIfOwnerMatch\n        Require all granted\n    </Directory>\n"
    ));
    text.push_str(&post_office(plan));
    text.push_str("</VirtualHost>\n");
    text
}

/// Only here: a file in a folder cannot pass requests on, only to a program.
fn post_office(plan: &HostPlan) -> String {
    let Some(office) = plan.reachable_post_office() else { return String::new() };
    let tls = if office.is_secure { "    SSLProxyEngine on\n" } else { "" };
    let bytes = LETTER_KILOBYTES_MAX * 1024;
    let scheme = if plan.site().is_secure { "https" } else { "http" };
    let mut text = format!(
        "\n    # Letters and questions go to the post office. While it is away the answer is\n    \
         # 503: others give up at 404 and come back after 503.\n{tls}    \
         ProxyPreserveHost On\n    \
         # What a client says of itself does not count.\n    \
         RequestHeader unset X-Forwarded-For early\n    \
         RequestHeader unset X-Forwarded-Host early\n    \
         ProxyPassMatch \"{POST_OFFICE_PATTERN}\" \"{}\" retry=0 timeout=30\n    \
         <LocationMatch \"{POST_OFFICE_PATTERN}\">\n        \
         RequestHeader set X-Forwarded-Proto {scheme}\n        \
         <If \"%{{HTTP:Content-Length}} -gt {bytes}\">\n            \
         RedirectMatch 413 \"^/\"\n        </If>\n        \
         Header always set Retry-After {RETRY_SECONDS} \
         \"expr=%{{REQUEST_STATUS}} == 503 && -z %{{resp:Retry-After}}\"\n",
        office.origin
    );
    for (name, value) in plan.security() {
        let value = value.replace('%', "%%");
        text.push_str(&format!("        Header always set {name} \"{value}\"\n"));
    }
    text.push_str("    </LocationMatch>\n");
    text
}
