//! Findings about what browsers see: pages, headers, encryption, the clock.

use super::{Check, Finding};
use crate::doctor::ask::AskError;
use crate::doctor::peers::{Ability, Peer};
use crate::net::tls::TlsProblem;

impl Finding {
    /// Nothing else works either.
    pub(crate) fn site_unreachable(url: &str, error: &AskError) -> Self {
        let check = if matches!(error, AskError::Tls(_)) { Check::Https } else { Check::Website };
        let mend = match error {
            AskError::NoSuchName(_) => {
                "look for slips in the name; a new name needs up to a day until all know it"
            }
            AskError::Tls(TlsProblem::Expired | TlsProblem::NotYetValid) => {
                "renew the certificate, see why that did not happen by itself, and look whether \
                 the clocks of the server and of this machine are right"
            }
            AskError::Tls(TlsProblem::UnknownIssuer) => {
                "take a certificate from Let's Encrypt, with the whole chain (`fullchain.pem`)"
            }
            AskError::Tls(TlsProblem::SelfMade | TlsProblem::Unusable) => {
                "take a real certificate: most hosts get one when a switch for https is on; on a \
                 server of your own, Caddy does it by itself and `certbot` for the others, from \
                 Let's Encrypt and for nothing"
            }
            AskError::Tls(TlsProblem::NoCommonWay) => {
                "let the server offer TLS 1.2 and 1.3; a host that has just learnt of the name may \
                 need an hour until it has a certificate"
            }
            AskError::Tls(TlsProblem::NotEncrypted) => {
                "switch https on at the host; on a server of your own, port 443 needs a \
                 certificate (in nginx, `listen 443 ssl`)"
            }
            AskError::Tls(TlsProblem::WrongName | TlsProblem::NoCertificate) => {
                "tell the host that the site has this name, or take a certificate for it; a name \
                 with and one without `www.` are two"
            }
            AskError::Private(_) => {
                "the name leads into a house or a machine; to try such a site, allow its address \
                 with `--allow-address`"
            }
            AskError::TimeOut | AskError::Refused => {
                "look whether the web server runs and whether the firewall lets port 443 through"
            }
            _ => "open the address in a browser to see what it says",
        };
        let sees = "nobody can open the site, and no server finds anything of it";
        Self::broken(check, url, error.to_string()).refused_by(Peer::ALL).sees(sees).mend(mend)
    }

    /// The run ended before all was looked at.
    pub(crate) fn not_all_asked(url: &str, questions: usize) -> Self {
        let came = format!("not asked: {questions} questions were enough, or took too long");
        Self::warning(Check::Website, url, came)
            .sees("what was not looked at may be broken")
            .mend("see why the host answers slowly, and run this again")
    }

    pub(crate) fn no_home_page(url: &str, came: String) -> Self {
        Self::broken(Check::Website, url, came)
            .refused_by([Peer::Browser])
            .denies(Ability::Shows)
            .sees("people who open the address do not see the home page")
            .mend("upload the whole output folder to the place that the host shows")
    }

    pub(crate) fn home_page_without_charset(url: &str, content_type: &str) -> Self {
        Self::warning(Check::Headers, url, format!("the type is `{content_type}`"))
            .refused_by([Peer::Browser])
            .sees("where the page does not say it early enough, letters such as ŵ are wrong")
            .mend("let the host send pages as `text/html; charset=utf-8`")
    }

    /// The states count up with every change of what is published.
    pub(crate) fn older_than_built(url: &str, live: u64, built: u64) -> Self {
        let came = format!("the live site is an older state: {live}, and {built} was built here");
        Self::warning(Check::Deployed, url, came)
            .sees("neither readers nor servers know what has changed since")
            .mend("deploy: upload the output folder, or push it to where the host takes it from")
    }

    pub(crate) fn missing_page_found(url: &str, came: String) -> Self {
        Self::warning(Check::NotFound, url, came)
            .refused_by([Peer::Browser, Peer::Mastodon])
            .sees("pages that do not exist seem to, and posts that were deleted stay elsewhere")
            .mend("let the host answer what is not there with `404.html` and the status 404")
    }

    pub(crate) fn missing_page_bare(url: &str, came: String) -> Self {
        Self::note(Check::NotFound, url, came)
            .refused_by([Peer::Browser])
            .sees("who follows an old link sees a message of the host without a way back")
            .mend("let the host answer what is not there with `404.html` and the status 404")
    }

    /// A header that protects visitors is not there. `name` is as in the standard.
    pub(crate) fn header_missing(url: &str, name: &str) -> Self {
        let sees = match name {
            "Content-Security-Policy" => {
                "nothing that is to be seen; but should a foreign script ever get into a page, \
                 browsers would run it"
            }
            "Strict-Transport-Security" => {
                "nothing that is to be seen; but on a strange network the first visit can be led \
                 to another site"
            }
            "Referrer-Policy" => "nothing; but other sites learn from which page a visitor came",
            _ => "nothing; but browsers guess what a file is, which attackers can use",
        };
        Self::warning(Check::Headers, url, format!("no `{name}`"))
            .refused_by([Peer::Browser])
            .sees(sees)
            .mend(format!("let the host send `{name}` with every page"))
    }

    pub(crate) fn hsts_for_subdomains(url: &str, value: &str) -> Self {
        let came = format!("`Strict-Transport-Security: {value}`");
        Self::warning(Check::Headers, url, came)
            .refused_by([Peer::Browser])
            .sees("every other name below this one must have a certificate too, or does not open")
            .mend("take `includeSubDomains` out, unless all names of the domain are encrypted")
    }

    pub(crate) fn http_stays(url: &str, came: String) -> Self {
        Self::warning(Check::Https, url, came)
            .refused_by([Peer::Browser])
            .sees("who types the address without `https://` may see the site unencrypted")
            .mend("send `http://` to `https://` with the status 301 or 308")
    }

    pub(crate) fn clock_off(url: &str, seconds: i64) -> Self {
        let minutes = seconds.abs() / 60;
        let way = if seconds > 0 { "ahead" } else { "behind" };
        let came = format!("the clock of the server is {minutes} minutes {way} of this machine's");
        Self::warning(Check::Clock, url, came)
            .refused_by([Peer::Misskey])
            .sees("posts that are signed with a wrong clock never arrive there")
            .mend("see which of the two is wrong, and let it set its clock by the network (NTP)")
    }

    pub(crate) fn nodeinfo(url: &str, came: String) -> Self {
        Self::warning(Check::NodeInfo, url, came)
            .refused_by([Peer::GoToSocial, Peer::Misskey])
            .sees("the name of the software behind the site is not shown")
            .mend("build and upload the site again; the host must publish `.well-known`")
    }
}
