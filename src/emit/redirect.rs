//! Pages at old addresses that lead to the new ones, for hosts that cannot redirect.

use super::{Made, Plan, Workshop};
use crate::artifact::Rank;
use crate::model::{Alias, Site};
use crate::render::escaped;

pub(super) fn plan<'s>(site: &'s Site, plan: &mut Plan<'s>) {
    for alias in &site.aliases {
        let document = site.document(alias.document);
        let (path, source) = (alias.output.clone(), &document.source.path);
        plan.add(path, Rank::Redirect, source, None, |workshop| Made::bytes(page(workshop, alias)));
    }
}

/// The page asks search engines to follow, and has a link for those whose browser does not.
fn page(workshop: &Workshop<'_>, alias: &Alias) -> String {
    let site = workshop.views.site;
    let document = site.document(alias.document);
    let strings = workshop.views.theme.strings(document.language);
    let language = escaped(&site.config.language(document.language).code);
    let url = escaped(&format!("{}{}", site.config.base_url.root(), alias.target));
    let canonical = escaped(&site.config.base_url.absolute(&alias.target));
    let title = escaped(strings.get("redirect_title"));
    let text = escaped(strings.get("redirect_text"));
    let name = escaped(&document.title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"canonical\" href=\"{canonical}\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <meta http-equiv=\"refresh\" content=\"0; url={url}\">\n</head>\n<body>\n\
         <p>{text} <a href=\"{url}\">{name}</a></p>\n</body>\n</html>\n"
    )
}
