//! What there is of a notice of political advertising besides its page: the label that goes on the
//! advertisement (Regulation (EU) 2024/900, Article 11), to print and to copy, and the notice for
//! machines; and one list of all notices, with their totals.

mod json;
mod qr;

use tera::Value;

use super::feed::FeedOf;
use super::html::{fill, plain_head};
use super::{Made, Plan, Workshop};
use crate::artifact::Rank;
use crate::config::DEFAULT_LANGUAGE;
use crate::model::{Notice, PageId, Site, Strings};
use crate::path::OutputPath;
use crate::render::{NOTICES_FILE, escaped, label_file, none_or, notice_file, object};

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    if site.config.notices.is_none() {
        return;
    }
    for id in site.notices.iter().flatten().copied() {
        let page = site.page(id);
        let source = &site.text_of(id).source.path;
        if let Some(file) = notice_file(&page.output) {
            let key = plan.key(|keys| keys.showing("notice.json", &[id]));
            plan.add(file, Rank::Feed, source, key, move |workshop| {
                Made::bytes(json::notice(&workshop.views, id).unwrap_or_default())
            });
        }
        if let Some(file) = label_file(&page.output) {
            let key = plan.key(|keys| keys.showing("label", &[id]));
            let cards = (&[id][..], file.clone());
            plan.add_with_cards(cards, Rank::Page, source, key, move |workshop| {
                make_label(workshop, id, &file)
            });
        }
    }
    // Every text is among the pages of the default language, whatever language it is in.
    let shown = &site.notices[DEFAULT_LANGUAGE.0];
    let key = plan.key(|keys| keys.showing("notices.json", shown));
    plan.add_of_site(NOTICES_FILE, Rank::Feed, key, |workshop, _| {
        Made::bytes(json::notices(&workshop.views, DEFAULT_LANGUAGE).unwrap_or_default())
    });
}

fn make_label(workshop: &Workshop<'_>, id: PageId, output: &OutputPath) -> Made {
    let views = &workshop.views;
    let site = views.site;
    let (page, document) = (site.page(id), site.text_of(id));
    let strings = views.theme.strings(page.language);
    let url = site.permalink(&page.output);
    let title = format!("{}: {}", strings.get("notice_label"), document.title);
    let mut head = plain_head(workshop, page.language, title, output, FeedOf::Site(page.language));
    head.noindex = true;
    let qr = qr::svg(&url, &strings.get("notice_qr").replace("{url}", &url));
    let code = &site.config.language(page.language).code;
    let html = document.details.notice().map(|notice| html(notice, &url, code, strings));
    let mut context = views.context(page.language, &site.url(output), &head);
    context.insert_value("page", views.card(id));
    let label =
        object([("qr", none_or(qr.map(|svg| Value::safe_string(&svg)))), ("html", none_or(html))]);
    context.insert_value("label", label);
    context.insert_value("feeds", Value::from(head.feeds.clone()));
    views.insert_imprint(&mut context, id);
    fill(workshop, "label.html", &context, output, Vec::new())
}

/// The label as HTML, to stand beside an advertisement anywhere.
fn html(notice: &Notice, url: &str, code: &str, strings: &Strings) -> String {
    let said = |key: &str, text: &str| format!("{}: {}", escaped(strings.get(key)), escaped(text));
    let mut lines = vec![
        format!("<strong>{}</strong>", escaped(strings.get("notice_political"))),
        said("notice_sponsor", &notice.sponsor.name),
    ];
    lines.extend(notice.controlled_by.iter().map(|b| said("notice_controller", &b.name)));
    lines.extend(notice.linked_to.iter().map(|process| said("notice_linked_to", &process.name)));
    if notice.targeting.is_some() {
        lines.push(escaped(strings.get("notice_targeted")));
    }
    let more = escaped(strings.get("notice"));
    lines.push(format!("<a href=\"{}\">{more}</a>", escaped(url)));
    format!("<p lang=\"{code}\">\n  {}\n</p>", lines.join("<br>\n  "))
}
