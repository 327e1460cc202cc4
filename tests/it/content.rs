//! Sections, pages, addresses, orders, lists, terms, data.

use crate::fixture::{Site, site};
use crate::look::{all_between, between, cards, main_of};

/// A template that shows one expression.
fn showing(text: &str, expression: &str) -> Site {
    site(text).with("themes/campaign/templates/page.html", format!("[{expression}]\n"))
}

/// A page for each day of January, called `P1` and so on, at a path with that number for `N`.
fn dated(days: std::ops::RangeInclusive<u32>, path: &str) -> String {
    let page = |day: u32| {
        let path = path.replace('N', &day.to_string());
        let keys = format!("title = \"P{day}\"\ndate = 2026-01-{day:02}\ntags = [\"x\"]");
        format!("-- content/{path} --\n+++\n{keys}\n+++\n")
    };
    days.map(page).collect::<Vec<_>>().concat()
}

#[test]
fn a_page_has_an_address_made_from_folder_and_name() {
    let built = site(
        "
-- content/news/2026-05-01-first-post.md --
+++
title = \"First\"
+++
Hello.
",
    )
    .build();
    assert!(built.text("news/first-post/index.html").contains("<p>Hello.</p>"));
    assert!(built.text("news/index.html").contains("/news/first-post/"));
}

#[test]
fn a_date_in_the_name_of_a_file_or_folder_is_the_date_of_the_page() {
    let built = showing(
        "
-- content/news/2026-05-01-first.md --
+++
title = \"First\"
+++
-- content/news/2026-04-30-second/index.md --
+++
title = \"Second\"
+++
-- content/news/2026-04-29-third.md --
+++
title = \"Front matter wins\"
date = 2025-01-02
+++
",
        "{{ page.date.iso }} {{ page.date.text }}",
    )
    .build();
    assert_eq!(built.text("news/first/index.html"), "[2026-05-01T00:00:00+00:00 1 May 2026]\n");
    assert_eq!(built.text("news/second/index.html"), "[2026-04-30T00:00:00+00:00 30 April 2026]\n");
    assert_eq!(built.text("news/third/index.html"), "[2025-01-02T00:00:00+00:00 2 January 2025]\n");
}

#[test]
fn a_date_without_a_zone_is_in_the_zone_of_the_site() {
    let built = showing(
        "
-- content/a.md --
+++
title = \"A\"
date = 2026-05-01 10:00:00
+++
",
        "{{ page.date.iso }}",
    )
    .config("timezone = \"Europe/London\"")
    .build();
    assert_eq!(built.text("a/index.html"), "[2026-05-01T10:00:00+01:00]\n");
}

#[test]
fn a_folder_at_the_top_is_a_section_without_an_index_file() {
    let built = site(
        "
-- content/local-campaigns/bins.md --
+++
title = \"Bins\"
+++
",
    )
    .build();
    let section = built.text("local-campaigns/index.html");
    assert!(section.contains("<h1>Local campaigns</h1>"));
    assert_eq!(cards(section), ["Bins"]);
}

#[test]
fn a_folder_below_without_an_index_file_belongs_to_the_section_above() {
    let built = site(
        "
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/news/2026/spring/fair.md --
+++
title = \"Fair\"
+++
",
    )
    .build();
    assert_eq!(cards(built.text("news/index.html")), ["Fair"]);
    assert!(built.has("news/2026/spring/fair/index.html"));
    assert!(!built.has("news/2026/index.html"));
}

#[test]
fn a_section_below_lists_its_own_pages_and_is_named_by_the_one_above() {
    let built = site(
        "
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/news/plain.md --
+++
title = \"Plain\"
+++
-- content/news/events/_index.md --
+++
title = \"Events\"
description = \"Where to meet us\"
+++
Come along.
-- content/news/events/fair.md --
+++
title = \"Fair\"
+++
",
    )
    .build();
    assert_eq!(cards(built.text("news/events/index.html")), ["Fair"]);
    assert!(built.text("news/events/index.html").contains("<p>Come along.</p>"));
    let news = main_of(built.text("news/index.html"));
    assert_eq!(cards(news), ["Plain"]);
    assert!(news.contains("href=\"/news/events/\""), "{news}");
    let trail =
        between(built.text("news/events/fair/index.html"), "<nav class=\"breadcr", "</nav>");
    let trail = all_between(trail, "href=\"", "\"");
    assert_eq!(trail, ["/", "/news/", "/news/events/"]);
}

#[test]
fn files_beside_a_page_go_with_it_wherever_it_goes() {
    let built = site(
        "
-- content/news/river/index.md --
+++
title = \"River\"
slug = \"the-river\"
+++
![The weir](img/weir.jpg) and [the report](report.pdf)
-- content/news/river/img/weir.jpg --
JPEG
-- content/news/river/report.pdf --
PDF
",
    )
    .build();
    let html = built.text("news/the-river/index.html");
    assert!(html.contains("<img src=\"/news/the-river/img/weir.jpg\" alt=\"The weir\""), "{html}");
    assert!(html.contains("<a href=\"/news/the-river/report.pdf\">"), "{html}");
    assert_eq!(built.text("news/the-river/img/weir.jpg"), "JPEG\n");
    assert_eq!(built.text("news/the-river/report.pdf"), "PDF\n");
}

#[test]
fn files_beside_a_page_at_the_root_of_the_site_are_published() {
    let built = site(
        "
-- content/about/index.md --
+++
title = \"About\"
path = \"about.html\"
image = \"us.jpg\"
image_alt = \"All of us\"
+++
-- content/about/us.jpg --
JPEG
",
    )
    .build();
    assert!(built.text("about.html").contains("src=\"/us.jpg\""));
    assert!(built.has("us.jpg"));
}

#[test]
fn files_in_static_are_copied_to_the_root_and_replace_those_of_the_theme() {
    let built = site(
        "
-- static/leaflet.pdf --
PDF
-- static/.well-known/security.txt --
Contact: mailto:web@party.example
-- static/campaign.css --
body { color: red }
",
    )
    .build();
    assert_eq!(built.text("leaflet.pdf"), "PDF\n");
    assert!(built.has(".well-known/security.txt"));
    assert_eq!(built.text("campaign.css"), "body { color: red }\n");
}

#[test]
fn an_alias_is_a_page_that_leads_to_the_new_address() {
    let built = site(
        "
-- content/news/_index.md --
+++
title = \"News\"
aliases = [\"/blog/\"]
+++
-- content/news/first.md --
+++
title = \"Fish & chips\"
aliases = [\"/2019/first.html\", \"old/first\"]
+++
",
    )
    .build();
    for path in ["2019/first.html", "old/first/index.html"] {
        let html = built.text(path);
        assert!(html.contains("<meta http-equiv=\"refresh\" content=\"0; url=/news/first/\">"));
        assert!(html.contains("rel=\"canonical\" href=\"https://party.example/news/first/\""));
        assert!(html.contains("content=\"noindex\""));
        assert!(html.contains("<a href=\"/news/first/\">Fish &amp; chips</a>"));
    }
    assert!(built.text("blog/index.html").contains("url=/news/\""));
    assert!(!built.text("sitemap.xml").contains("old/first"));
}

#[test]
fn an_alias_that_is_another_page_is_an_error() {
    let built = site(
        "
-- content/a.md --
+++
title = \"A\"
aliases = [\"/b/\"]
+++
-- content/b.md --
+++
title = \"B\"
+++
",
    )
    .try_build();
    assert_eq!(built.codes(), ["output-twice"]);
    assert!(built.text("b/index.html").contains("<h1>B</h1>"), "the page stays");
}

#[test]
fn slug_and_path_change_the_address() {
    let built = site(
        "
-- content/news/_index.md --
+++
title = \"News\"
slug = \"latest\"
+++
-- content/news/a.md --
+++
title = \"A\"
slug = \"something-else\"
+++
-- content/news/b.md --
+++
title = \"B\"
path = \"/deep/down/here\"
+++
-- content/news/c.md --
+++
title = \"C\"
path = \"old/c.html\"
+++
[A](@/news/a.md), [B](@/news/b.md)
",
    )
    .build();
    assert!(built.has("latest/something-else/index.html"));
    assert!(built.has("deep/down/here/index.html"));
    let c = built.text("old/c.html");
    assert!(
        c.contains("href=\"/latest/something-else/\"") && c.contains("href=\"/deep/down/here/\"")
    );
    assert!(built.text("latest/index.html").contains("href=\"/old/c.html\""));
    assert_eq!(cards(built.text("latest/index.html")), ["A", "B", "C"]);
}

#[test]
fn a_slug_or_path_that_leaves_its_place_is_an_error() {
    for (key, code) in [
        ("slug = \"..\"", "bad-path"),
        ("slug = \"a/b\"", "slash-in-slug"),
        ("path = \"../x\"", "bad-path"),
        ("path = \"a/%2e%2e/x\"", "bad-path"),
        ("aliases = [\"//x\"]", "bad-path"),
        ("path = \"ap/actor\"", "reserved-path"),
    ] {
        let built =
            site(&format!("-- content/a.md --\n+++\ntitle = \"A\"\n{key}\n+++\n")).try_build();
        assert_eq!(built.codes(), [code], "{key}");
    }
}

/// Four pages with weights, dates and titles that give four orders.
fn ordered(sort_by: &str) -> Site {
    site(&format!(
        "
-- content/list/_index.md --
+++
title = \"List\"
{sort_by}
+++
-- content/list/1.md --
+++
title = \"Pear\"
weight = 2
date = 2026-03-01
+++
-- content/list/2.md --
+++
title = \"Apple\"
weight = 2
date = 2026-02-01
+++
-- content/list/3.md --
+++
title = \"Fig\"
weight = -1
date = 2026-03-01
+++
-- content/list/4.md --
+++
title = \"Cherry\"
+++
-- content/list/5.md --
+++
title = \"Cherry\"
+++
"
    ))
}

#[test]
fn a_section_is_sorted_by_date_weight_or_title_and_ties_by_title() {
    let order = |sort_by: &str| {
        let built = ordered(sort_by).build();
        cards(built.text("list/index.html")).join(" ")
    };
    let newest_first = "Fig Pear Apple Cherry Cherry";
    assert_eq!(order(""), newest_first);
    assert_eq!(order("sort_by = \"date\""), newest_first);
    assert_eq!(order("sort_by = \"weight\""), "Fig Apple Pear Cherry Cherry");
    assert_eq!(order("sort_by = \"title\""), "Apple Cherry Cherry Fig Pear");
}

#[test]
fn the_last_tie_is_broken_by_the_name_of_the_file() {
    let built = ordered("sort_by = \"title\"").build();
    let list = built.text("list/index.html");
    assert!(list.find("/list/4/") < list.find("/list/5/"));
}

#[test]
fn an_order_that_does_not_exist_is_an_error() {
    assert_eq!(ordered("sort_by = \"size\"").try_build().codes(), ["not-a-choice"]);
}

#[test]
fn neighbours_are_those_of_the_order_of_the_section() {
    let built = ordered("sort_by = \"weight\"").build();
    let neighbours = |path: &str| {
        let html = built.text(path);
        let of = |rel: &str| {
            let link = html.split_once(&format!("rel=\"{rel}\" href=\""))?.1;
            link.split_once('"').map(|(url, _)| url.to_owned())
        };
        (of("prev"), of("next"))
    };
    assert_eq!(neighbours("list/3/index.html"), (None, Some("/list/2/".into())));
    let both = (Some("/list/2/".into()), Some("/list/4/".into()));
    assert_eq!(neighbours("list/1/index.html"), both);
    assert_eq!(neighbours("list/5/index.html"), (Some("/list/4/".into()), None));
}

#[test]
fn subsections_are_sorted_by_weight_then_title() {
    let built = site(
        "
-- content/z/_index.md --
+++
title = \"Zebra\"
weight = 1
+++
-- content/b/_index.md --
+++
title = \"Bear\"
+++
-- content/a/_index.md --
+++
title = \"Cat\"
+++
",
    )
    .build();
    let menu = between(built.text("index.html"), "<nav class=\"menu\"", "</nav>");
    assert_eq!(all_between(menu, "href=\"", "\""), ["/z/", "/b/", "/a/"]);
}

#[test]
fn a_summary_ends_at_the_mark() {
    let built = site(
        "
-- content/news/a.md --
+++
title = \"A\"
+++
One.

Two with a note[^1].

<!-- more -->

Three.

[^1]: Small print.
",
    )
    .build();
    let card = between(built.text("news/index.html"), "<div class=\"summary\">", "</div>");
    assert_eq!(card.trim(), "<p>One.</p>\n<p>Two with a note.</p>");
    let page = built.text("news/a/index.html");
    assert!(page.contains("<p>Three.</p>") && !page.contains("more --"));
}

#[test]
fn without_a_mark_the_summary_is_the_first_paragraph_with_words() {
    let built = site(
        "
-- content/news/a.md --
+++
title = \"A\"
+++
## A heading

![Only a picture](/p.jpg)

- a list

The *first* paragraph.

The second.
-- static/p.jpg --
JPEG
",
    )
    .build();
    let card = between(built.text("news/index.html"), "<div class=\"summary\">", "</div>");
    assert_eq!(card.trim(), "<p>The <em>first</em> paragraph.</p>");
}

#[test]
fn a_summary_in_the_front_matter_wins() {
    let built = site(
        "
-- content/news/a.md --
+++
title = \"A\"
summary = \"In *short*.\"
+++
Long.

<!-- more -->

Longer.
",
    )
    .build();
    let card = between(built.text("news/index.html"), "<div class=\"summary\">", "</div>");
    assert_eq!(card.trim(), "<p>In <em>short</em>.</p>");
    assert!(!built.text("news/a/index.html").contains("In <em>short</em>"));
}

#[test]
fn the_table_of_contents_is_a_tree_of_headings() {
    let built = showing(
        "
-- content/a.md --
+++
title = \"A\"
+++
## One
#### Deep
### Less deep
## Two *words*
",
        "{% for h in page.toc %}{{ h.level }} {{ h.id }} {{ h.title }}:\
         {% for c in h.children %} {{ c.level }} {{ c.title }}{% endfor %}; {% endfor %}",
    )
    .build();
    assert_eq!(
        built.text("a/index.html"),
        "[2 one One: 4 Deep 3 Less deep; 2 two-words Two words:; ]\n"
    );
}

#[test]
fn several_authors_are_named_in_their_order() {
    let text = |keys: &str| {
        let page = format!("-- content/a.md --\n+++\ntitle = \"A\"\n{keys}\n+++\n");
        let expression = "{% for a in page.authors %}{{ a.name }} {{ a.url or '-' }};{% endfor %}";
        let built =
            showing(&page, expression).config("taxonomies = [{ name = \"authors\" }]").build();
        built.text("a/index.html").trim().to_owned()
    };
    let both = "[Zoë /authors/zoe/;Al Gore /authors/al-gore/;]";
    assert_eq!(text("authors = [\"Zoë\", \"Al Gore\"]"), both);
    assert_eq!(
        text("author = \"Zoë\"\nauthors = [\"Al Gore\"]"),
        "[Al Gore /authors/al-gore/;Zoë /authors/zoe/;]"
    );
    assert_eq!(text("[taxonomies]\nauthors = [\"Zoë\", \"Al Gore\"]"), both);
}

#[test]
fn terms_are_read_from_the_keys_that_people_know() {
    let names = |keys: &str, fence: &str| {
        let page = format!("-- content/a.md --\n{fence}\n{keys}\n{fence}\n");
        let built = site(&page).build();
        let paths = built.artifacts.keys().filter(|path| path.ends_with("index.html"));
        let paths = paths.filter(|path| path.matches('/').count() == 2);
        paths.map(|path| path.trim_end_matches("/index.html").to_owned()).collect::<Vec<_>>()
    };
    let toml = |keys: &str| names(&format!("title = \"A\"\n{keys}"), "+++");
    let yaml = |keys: &str| names(&format!("title: A\n{keys}"), "---");
    assert_eq!(toml("tags = [\"Bus\", \"Rail\"]"), ["tags/bus", "tags/rail"]);
    assert_eq!(toml("tag = \"Bus\"\ncategory = \"News\""), ["categories/news", "tags/bus"]);
    assert_eq!(toml("categories = \"News\""), ["categories/news"]);
    assert_eq!(
        toml("[taxonomies]\ntags = [\"Bus\"]\ncategories = [\"x\"]"),
        ["categories/x", "tags/bus"]
    );
    assert_eq!(yaml("tags: [Bus, 2026]"), ["tags/2026", "tags/bus"]);
    assert_eq!(yaml("tags:\n- Bus\ncategories:\n- News"), ["categories/news", "tags/bus"]);
}

#[test]
fn a_taxonomy_that_the_site_names_is_read_at_the_top_level_and_in_taxonomies() {
    let built = site(
        "
-- content/a.md --
+++
title = \"A\"
wards = [\"North\"]
+++
-- content/b.md --
+++
title = \"B\"
[taxonomies]
wards = [\"North\", \"South\"]
+++
",
    )
    .config("taxonomies = [{ name = \"wards\", slug = \"districts\" }]")
    .build();
    assert_eq!(cards(built.text("districts/north/index.html")), ["A", "B"]);
    assert_eq!(cards(built.text("districts/south/index.html")), ["B"]);
    let list = main_of(built.text("districts/index.html"));
    assert!(list.contains("<h1>Wards</h1>") && list.contains("(2)"), "{list}");
}

#[test]
fn a_taxonomy_that_the_site_does_not_name_is_an_unknown_key() {
    let page = "-- content/a.md --\n+++\ntitle = \"A\"\nwards = [\"North\"]\n+++\n";
    assert_eq!(site(page).try_build().codes(), ["unknown-key"]);
}

#[test]
fn spellings_of_a_term_are_one_term_and_the_rarer_one_is_pointed_out() {
    let page = |name: &str, tag: &str| {
        format!("-- content/{name}.md --\n+++\ntitle = \"{name}\"\ntags = [\"{tag}\"]\n+++\n")
    };
    let text = [page("a", "Climate"), page("b", "climate"), page("c", "Climate")].concat();
    let built = site(&text).build();
    assert_eq!(built.codes(), ["term-spelling"]);
    assert!(built.messages().contains("content/b.md"));
    assert_eq!(cards(built.text("tags/climate/index.html")), ["a", "b", "c"]);
    assert!(built.text("tags/index.html").contains(">Climate <"));
}

#[test]
fn terms_are_paginated() {
    let pages = dated(1..=5, "pN.md");
    let built = site(&pages).config("taxonomies = [{ name = \"tags\", paginate_by = 2 }]").build();
    assert_eq!(cards(built.text("tags/x/index.html")), ["P5", "P4"]);
    assert_eq!(cards(built.text("tags/x/page/2/index.html")), ["P3", "P2"]);
    assert_eq!(cards(built.text("tags/x/page/3/index.html")), ["P1"]);
    assert!(!built.has("tags/x/page/4/index.html") && !built.has("tags/x/page/1/index.html"));
}

#[test]
fn sections_are_paginated_and_the_pagers_know_each_other() {
    let pages = dated(1..=5, "news/pN.md");
    let index =
        "-- content/news/_index.md --\n+++\ntitle = \"News\"\npaginate_by = 2\n+++\nHello.\n";
    let built = site(&format!("{index}{pages}")).build();
    let second = built.text("news/page/2/index.html");
    assert_eq!(cards(second), ["P3", "P2"]);
    assert!(second.contains("<title>News – Page 2 of 3 – The Party</title>"), "{second}");
    assert!(second.contains("rel=\"canonical\" href=\"https://party.example/news/page/2/\""));
    let nav = between(second, "<nav class=\"pagination\"", "</nav>");
    assert!(nav.contains("rel=\"prev\" href=\"/news/\""), "{nav}");
    assert!(nav.contains("rel=\"next\" href=\"/news/page/3/\""), "{nav}");
    assert!(built.text("news/index.html").contains("<p>Hello.</p>"));
    assert!(!second.contains("<p>Hello.</p>"));
}

#[test]
fn the_front_page_shows_the_newest_pages_of_all_sections() {
    let pages = dated(10..=22, "sN/p.md");
    let built =
        site(&format!("{pages}-- content/about.md --\n+++\ntitle = \"About\"\n+++\n")).build();
    let shown = cards(built.text("index.html"));
    assert_eq!((shown.len(), shown[0], shown[9]), (10, "P22", "P13"));
}

#[test]
fn extra_reaches_the_template_in_its_own_types() {
    let toml = "title = \"A\"\n[extra]\nward = \"North\"\nseats = 3\nopen = true\n\
                list = [1, 2]\nin = { deep = \"x\" }";
    let yaml =
        "title: A\nextra: { ward: North, seats: 3, open: true, list: [1, 2], in: {deep: x} }";
    for (fence, front) in [("+++", toml), ("---", yaml)] {
        let built = showing(
            &format!("-- content/a.md --\n{fence}\n{front}\n{fence}\n"),
            "{{ page.extra.ward }} {{ page.extra.seats + 1 }} {% if page.extra.open %}\
             open{% endif %} {{ page.extra.list | length }} {{ page.extra['in'].deep }}",
        )
        .build();
        assert_eq!(built.text("a/index.html"), "[North 4 open 2 x]\n", "{fence}");
    }
}

#[test]
fn data_files_come_from_beside_the_page_or_from_the_data_folder() {
    let built = showing(
        "
-- content/a/index.md --
+++
title = \"A\"
[data]
t = \"t.toml\"
y = \"y.yaml\"
j = \"j.json\"
c = \"people/c.csv\"
+++
-- content/a/t.toml --
seats = 3
-- data/t.toml --
seats = 99
-- data/y.yaml --
names: [Ann, Bob]
-- data/j.json --
{ \"deep\": { \"er\": [1, 2, 3] } }
-- data/people/c.csv --
name,ward
\"Jones, Ann\",North
Bob,South
",
        "{{ page.data.t.seats + 1 }} {{ page.data.y.names[1] }} {{ page.data.j.deep.er | length }} \
         {% for row in page.data.c %}{{ row.name }} for {{ row.ward }}; {% endfor %}",
    )
    .build();
    assert_eq!(built.text("a/index.html"), "[4 Bob 3 Jones, Ann for North; Bob for South; ]\n");
}

#[test]
fn a_data_file_that_is_missing_or_broken_is_an_error_with_its_place() {
    let page = "-- content/a.md --\n+++\ntitle = \"A\"\ndata = { x = \"x.json\" }\n+++\n";
    let missing = site(page).try_build();
    assert_eq!(missing.codes(), ["missing-data-file"]);
    assert!(missing.messages().contains("content/a.md:3"), "{}", missing.messages());
    let broken = site(page).with("data/x.json", "{\n  \"a\": oops\n}\n").try_build();
    assert_eq!(broken.codes(), ["syntax"]);
    assert!(broken.messages().contains("data/x.json:2"), "{}", broken.messages());
}

#[test]
fn a_page_or_a_section_can_choose_another_template() {
    let built = site(
        "
-- content/a/_index.md --
+++
title = \"A\"
template = \"list.html\"
page_template = \"item.html\"
+++
-- content/a/one.md --
+++
title = \"One\"
+++
-- content/a/two.md --
+++
title = \"Two\"
template = \"special.html\"
+++
-- themes/campaign/templates/list.html --
list of {{ section.total }}
-- themes/campaign/templates/item.html --
item {{ page.title }}
-- themes/campaign/templates/special.html --
special {{ page.title }}
",
    )
    .build();
    assert_eq!(built.text("a/index.html"), "list of 2\n");
    assert_eq!(built.text("a/one/index.html"), "item One\n");
    assert_eq!(built.text("a/two/index.html"), "special Two\n");
}

#[test]
fn the_menu_is_that_of_the_site_or_made_from_sections_and_undated_pages() {
    let text = "
-- content/news/_index.md --
+++
title = \"News\"
+++
-- content/about.md --
+++
title = \"About\"
+++
-- content/dated.md --
+++
title = \"Dated\"
date = 2026-01-01
+++
";
    let menu = |site: Site| {
        let built = site.build();
        let html = between(built.text("index.html"), "<nav class=\"menu\"", "</nav>").to_owned();
        all_between(&html, "href=\"", "\"").join(" ")
    };
    assert_eq!(menu(site(text)), "/news/ /about/");
    let own = "menu = [\"@/about.md\", { title = \"Shop\", url = \"https://shop.example/\" }]";
    assert_eq!(menu(site(text).config(own)), "/about/ https://shop.example/");
    let built = site(text).config("menu = [\"@/abuot.md\"]").try_build();
    assert_eq!(built.codes(), ["menu-link"]);
}

#[test]
fn what_has_to_be_found_from_everywhere_stands_at_the_foot_of_every_page() {
    let footer = |page: &str| {
        let links = between(page, "<ul class=\"footer-menu\"", "</ul>");
        all_between(links, "href=\"", "\"").join(" ")
    };
    let own = "footer_menu = [\"@/privacy.md\", { title = \"Shop\", url = \"/shop/\" }]\n\n\
               [languages.cy]\ntitle = \"Plaid\"";
    let text = "-- content/privacy.md --\n+++\ntitle = \"Privacy\"\n+++\n\
                -- content/privacy.cy.md --\n+++\ntitle = \"Preifatrwydd\"\n+++\n\
                -- content/about.md --\n+++\ntitle = \"About\"\n+++\n";
    let built = site(text).config(own).build();
    for path in ["index.html", "about/index.html", "404.html"] {
        assert_eq!(footer(built.text(path)), "/privacy/ /shop/", "{path}");
    }
    assert_eq!(footer(built.text("cy/privacy/index.html")), "/cy/privacy/ /shop/");
    let broken = site("").config("footer_menu = [\"@/privcy.md\"]").try_build();
    assert_eq!(broken.codes(), ["menu-link"]);
    assert!(!site("").build().text("index.html").contains("footer-menu"));
}

#[test]
fn a_taxonomy_that_nobody_asked_for_gives_way_to_a_page() {
    let text =
        "-- content/tags/index.md --\n+++\ntitle = \"All tags\"\ntags = [\"x\"]\n+++\nOurs.\n";
    let built = site(text).build();
    assert!(built.text("tags/index.html").contains("Ours."));
    assert!(!built.has("tags/x/index.html"));
    let asked = site(text).config("taxonomies = [{ name = \"tags\" }]").try_build();
    assert_eq!(asked.codes(), ["output-twice"]);
}

#[test]
fn a_name_that_ends_like_that_of_a_section_is_a_page() {
    let built = site(
        "
-- content/news/price_index.md --
+++
title = \"Prices\"
date = 2026-05-01
+++
Bread.
-- content/news/first.md --
+++
title = \"First\"
date = 2026-04-01
+++
Text.
",
    )
    .build();
    assert!(built.text("news/price-index/index.html").contains("Bread."));
    assert!(built.text("news/index.html").contains("/news/price-index/"));
    assert!(built.text("atom.xml").contains("Bread."));
}
