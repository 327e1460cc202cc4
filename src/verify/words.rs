//! Texts that say what to do.

/// What is said of a file with another content.
pub(super) const CHANGED: &str = "this is not what was signed";

/// What to do when something differs.
pub(super) const LOOK: &str = "if the site was published just now, ask again in a few minutes. \
     Otherwise look at it, publish the site again, and change the password of the web host";

/// What to do when the list is too old.
pub(super) const STALE: &str = "either nothing was published since, or somebody shows an old state \
     of the site: ask its owner";

/// What to do when the folder of the site is ahead.
pub(super) const BEHIND: &str = "what was built here last is not deployed yet, or somebody holds \
     it back: deploy it, and ask again";

/// What to do when there is no answer for some things only.
pub(super) const WITHHELD: &str = "look whether you can see it in a browser, also from another \
     network. If not, publish the site again; if that does not help, ask the web host why";

/// What to do when a name is not found.
pub(super) const ACCOUNT: &str = "if the account is new, tell the web server of it (`sitegen \
     host` shows what it has to know). Otherwise somebody has changed the web server";

/// What to do when a host does not say what is not there.
pub(super) const ABSENT: &str = "ask for an address that you make up: the host should say that \
     nothing is there, with the status 404. If nobody has set it up otherwise, somebody hides what \
     was added";

/// What some hosts write into pages, how they call it, and where it is switched off.
const REWRITERS: [(&str, &str); 6] = [
    (
        "/cdn-cgi/l/email-protection",
        "Cloudflare hides e-mail addresses: switch off “Email Address Obfuscation” there, under \
         Scrape Shield",
    ),
    (
        "__cf_email__",
        "Cloudflare hides e-mail addresses: switch off “Email Address Obfuscation” there, under \
         Scrape Shield",
    ),
    ("rocket-loader", "Cloudflare changes scripts: switch off “Rocket Loader” there, under Speed"),
    (
        "static.cloudflareinsights.com",
        "Cloudflare adds a script that counts visitors: switch off “Web Analytics” there",
    ),
    ("/cdn-cgi/", "Cloudflare changes the page: look for what does so in its settings"),
    (
        "/.netlify/scripts/",
        "Netlify adds a script: switch off “Snippet injection” and “Real user metrics” there",
    ),
];

/// Who has written something into a page, if it looks like a host that does so for everybody.
pub(super) fn rewriter(body: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(body);
    REWRITERS.iter().find(|(mark, _)| text.contains(mark)).map(|(_, hint)| *hint)
}
