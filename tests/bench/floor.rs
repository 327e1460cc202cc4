//! A bare program that makes the same files as a build of the benchmark's site, for comparison.
//!
//! It reads the posts, parses them, fills the same templates and writes the files, with two
//! threads and nothing else: no model of a site, no checks, nothing kept from the last build, no
//! care for files that are there. What a build takes longer than this is what those cost.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io, thread};

use jiff::civil::Date;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use tera::value::Key;
use tera::{Context, Map, Tera, Value};
use toml::de::{DeTable, DeValue};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BASE: &str = "https://www.example.org";
const TITLE: &str = "Bench";
const PER_PAGER: usize = 20;
const ON_FRONT_PAGE: usize = 10;
const IN_FEEDS: usize = 20;

fn main() -> Outcome<()> {
    // Cargo adds `--bench` when it runs this itself.
    let arguments: Vec<String> = env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let [site, output] = arguments.as_slice() else {
        println!("usage: floor SITE_DIR OUTPUT_DIR");
        return Ok(());
    };
    build(Path::new(site), Path::new(output))
}

fn build(site: &Path, output: &Path) -> Outcome<()> {
    let files: Vec<PathBuf> = fs::read_dir(site.join("content/posts"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    let mut posts: Vec<Post> = in_two_threads(&files, |file| read(file))?;
    posts.retain(|post| post.name != "_index");
    posts.sort_by_key(|post| std::cmp::Reverse(post.date));
    let lists = lists(&posts);
    let maker = Maker { tera: templates(site)?, common: common(), posts: &posts, lists: &lists };
    in_two_threads(&maker.jobs(), |job| {
        let (address, bytes) = maker.make(job)?;
        write(output, &address, &bytes)
    })?;
    Ok(())
}

/// Gives each item to whichever of two threads is free. The results are in any order.
fn in_two_threads<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Outcome<R> + Sync,
) -> Outcome<Vec<R>> {
    let next = AtomicUsize::new(0);
    let run = || -> Outcome<Vec<R>> {
        let mut results = Vec::with_capacity(items.len());
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            results.push(work(item)?);
        }
        Ok(results)
    };
    thread::scope(|scope| {
        let other = scope.spawn(run);
        let mut results = run()?;
        results.extend(other.join().map_err(|_| "the other thread panicked")??);
        Ok(results)
    })
}

struct Post {
    name: String,
    title: String,
    date: Date,
    tags: Vec<String>,
    address: String,
    text: String,
    /// Where the Markdown begins in the text.
    body: usize,
    /// What lists show, made once.
    card: Value,
}

fn read(file: &Path) -> Outcome<Post> {
    let text = fs::read_to_string(file)?;
    let front = text.strip_prefix("+++\n").ok_or("no front matter")?;
    let end = front.find("\n+++\n").ok_or("no end of the front matter")?;
    let (mut title, mut date, mut tags) = (String::new(), Date::default(), Vec::new());
    for (key, value) in DeTable::parse(&front[..=end])?.into_inner() {
        match (key.get_ref().as_ref(), value.into_inner()) {
            ("title", DeValue::String(text)) => title = text.into_owned(),
            ("date", DeValue::Datetime(written)) => date = written.to_string().parse()?,
            ("tags", DeValue::Array(items)) => {
                tags = items.iter().filter_map(|i| i.get_ref().as_str()).map(Into::into).collect();
            }
            _ => {}
        }
    }
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let address = format!("/posts/{name}/");
    let card = object([
        ("title", Value::from(title.as_str())),
        ("url", Value::from(address.as_str())),
        ("date", object([("iso", Value::from(iso(date))), ("text", Value::from(words(date)))])),
    ]);
    let body = "+++\n".len() + end + "\n+++\n".len();
    Ok(Post { name, title, date, tags, address, text, body, card })
}

fn iso(date: Date) -> String {
    format!("{date}T00:00:00+00:00")
}

fn words(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

fn object<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    Value::from(entries.into_iter().map(|(key, value)| (Key::from(key), value)).collect::<Map>())
}

fn text_or_none(text: Option<String>) -> Value {
    text.map_or_else(Value::none, Value::from)
}

/// Posts in pagers of twenty.
struct List<'p> {
    title: String,
    address: String,
    template: &'static str,
    posts: Vec<&'p Post>,
}

impl List<'_> {
    fn pagers(&self) -> usize {
        self.posts.len().div_ceil(PER_PAGER).max(1)
    }

    /// The address of a pager, from 1.
    fn pager(&self, index: usize) -> String {
        match index {
            1 => self.address.clone(),
            _ => format!("{}page/{index}/", self.address),
        }
    }
}

/// The front page, the section, then the tags.
fn lists(posts: &[Post]) -> Vec<List<'_>> {
    let mut tags: BTreeMap<&str, Vec<&Post>> = BTreeMap::new();
    for post in posts {
        for tag in &post.tags {
            tags.entry(tag).or_default().push(post);
        }
    }
    let list = |title: &str, address: String, template, posts| {
        let title = title.to_owned();
        List { title, address, template, posts }
    };
    let newest = posts.iter().take(ON_FRONT_PAGE).collect();
    let mut lists = vec![
        list(TITLE, "/".to_owned(), "index.html", newest),
        list("Posts", "/posts/".to_owned(), "section.html", posts.iter().collect()),
    ];
    lists.extend(
        tags.into_iter()
            .map(|(tag, posts)| list(tag, tag_address(tag), "taxonomy_single.html", posts)),
    );
    lists
}

fn tag_address(tag: &str) -> String {
    format!("/tags/{tag}/")
}

fn templates(site: &Path) -> Outcome<Tera> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(site.join("themes/campaign/templates"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        sources.push((name, fs::read_to_string(entry.path())?));
    }
    let mut tera = Tera::new();
    tera.add_raw_templates(sources.iter().map(|(name, source)| (name.as_str(), source.as_str())))?;
    Ok(tera)
}

fn common() -> Context {
    let site = [("title", TITLE), ("root", "/"), ("home", "/")];
    let mut context = Context::new();
    context.insert_value("site", object(site.map(|(key, value)| (key, Value::from(value)))));
    context.insert_value("lang", object([("code", Value::from("en"))]));
    context
}

enum Job {
    Post(usize),
    /// A list, and which of its pagers.
    Pager(usize, usize),
    Tags,
    NotFound,
    Rss,
    Atom,
    Sitemap,
    Robots,
}

struct Maker<'p> {
    tera: Tera,
    common: Context,
    posts: &'p [Post],
    lists: &'p [List<'p>],
}

impl Maker<'_> {
    fn jobs(&self) -> Vec<Job> {
        let mut jobs: Vec<Job> = (0..self.posts.len()).map(Job::Post).collect();
        for (number, list) in self.lists.iter().enumerate() {
            jobs.extend((1..=list.pagers()).map(|index| Job::Pager(number, index)));
        }
        jobs.extend([Job::Tags, Job::NotFound, Job::Rss, Job::Atom, Job::Sitemap, Job::Robots]);
        jobs
    }

    /// A file: its address and what is in it.
    fn make(&self, job: &Job) -> Outcome<(String, Vec<u8>)> {
        let (address, text) = match job {
            Job::Post(index) => return self.post(*index),
            Job::Pager(number, index) => return self.pager(&self.lists[*number], *index),
            Job::Tags => return self.tags(),
            Job::NotFound => {
                let context = self.context("Page not found", None);
                return self.fill("404.html", "/404.html", &context);
            }
            Job::Rss => ("/rss.xml", self.rss()?),
            Job::Atom => ("/atom.xml", self.atom()?),
            Job::Sitemap => ("/sitemap.xml", self.sitemap()?),
            Job::Robots => {
                let text = format!("User-agent: *\nAllow: /\nSitemap: {BASE}/sitemap.xml\n");
                ("/robots.txt", text)
            }
        };
        Ok((address.to_owned(), text.into_bytes()))
    }

    fn context(&self, title: &str, address: Option<&str>) -> Context {
        let canonical = address.map(|address| format!("{BASE}{address}"));
        let head = [("title", Value::from(title)), ("canonical", text_or_none(canonical))];
        let mut context = self.common.clone();
        context.insert_value("head", object(head));
        context
    }

    fn fill(&self, template: &str, address: &str, context: &Context) -> Outcome<(String, Vec<u8>)> {
        let mut bytes = Vec::with_capacity(8 << 10);
        self.tera.render_to(template, context, &mut bytes)?;
        Ok((address.to_owned(), bytes))
    }

    fn post(&self, index: usize) -> Outcome<(String, Vec<u8>)> {
        let post = &self.posts[index];
        let neighbour = |index: Option<usize>| {
            let post = index.and_then(|index| self.posts.get(index));
            post.map_or_else(Value::none, |post| post.card.clone())
        };
        let tags = post.tags.iter().map(|tag| tag_value(tag, 0)).collect::<Vec<_>>();
        let mut page = post.card.as_map().cloned().unwrap_or_default();
        page.insert(Key::from("content"), Value::safe_string(&markdown(&post.text[post.body..])));
        page.insert(Key::from("terms"), object([("tags", Value::from(tags))]));
        page.insert(Key::from("previous"), neighbour(index.checked_sub(1)));
        page.insert(Key::from("next"), neighbour(Some(index + 1)));
        let mut context = self.context(&post.title, Some(&post.address));
        context.insert_value("page", Value::from(page));
        self.fill("page.html", &post.address, &context)
    }

    fn pager(&self, list: &List<'_>, index: usize) -> Outcome<(String, Vec<u8>)> {
        let (address, count) = (list.pager(index), list.pagers());
        let title = match index {
            1 => list.title.clone(),
            _ => format!("{} – Page {index} of {count}", list.title),
        };
        let posts = list.posts.iter().skip((index - 1) * PER_PAGER).take(PER_PAGER);
        let cards = posts.map(|post| post.card.clone()).collect::<Vec<_>>();
        let paginator = [
            ("index", Value::from(index)),
            ("count", Value::from(count)),
            ("previous", text_or_none((index > 1).then(|| list.pager(index - 1)))),
            ("next", text_or_none((index < count).then(|| list.pager(index + 1)))),
        ];
        let mut context = self.context(&title, Some(&address));
        context.insert_value("pages", Value::from(cards));
        let several = count > 1;
        context.insert_value("paginator", if several { object(paginator) } else { Value::none() });
        self.fill(list.template, &address, &context)
    }

    fn tags(&self) -> Outcome<(String, Vec<u8>)> {
        let tags = self.lists[2..].iter();
        let terms = tags.map(|tag| tag_value(&tag.title, tag.posts.len())).collect::<Vec<_>>();
        let mut context = self.context("Tags", Some("/tags/"));
        context.insert_value("terms", Value::from(terms));
        self.fill("taxonomy_list.html", "/tags/", &context)
    }

    fn rss(&self) -> Outcome<String> {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
             <title>{TITLE}</title><link>{BASE}/</link><description>{TITLE}</description>\
             <language>en</language>"
        );
        for post in self.posts.iter().take(IN_FEEDS) {
            let Entry { title, url, summary, content } = entry(post);
            let date = post.date.strftime("%a, %d %b %Y 00:00:00 +0000");
            write!(
                xml,
                "<item><title>{title}</title><link>{url}</link><guid>{url}</guid>\
                 <pubDate>{date}</pubDate><description>{summary}</description>\
                 <content:encoded>{content}</content:encoded></item>"
            )?;
        }
        xml.push_str("</channel></rss>");
        Ok(xml)
    }

    fn atom(&self) -> Outcome<String> {
        let updated = self.posts.first().map(|post| iso(post.date)).unwrap_or_default();
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <feed xmlns=\"http://www.w3.org/2005/Atom\"><title>{TITLE}</title>\
             <link href=\"{BASE}/\"/><id>{BASE}/</id><updated>{updated}</updated>"
        );
        for post in self.posts.iter().take(IN_FEEDS) {
            let Entry { title, url, summary, content } = entry(post);
            let date = iso(post.date);
            write!(
                xml,
                "<entry><title>{title}</title><link href=\"{url}\"/><id>{url}</id>\
                 <published>{date}</published><updated>{date}</updated>\
                 <summary type=\"html\">{summary}</summary>\
                 <content type=\"html\">{content}</content></entry>"
            )?;
        }
        xml.push_str("</feed>");
        Ok(xml)
    }

    fn sitemap(&self) -> Outcome<String> {
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                       <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
            .to_owned();
        for address in self.lists.iter().map(|list| list.address.as_str()).chain(["/tags/"]) {
            writeln!(xml, "<url><loc>{BASE}{address}</loc></url>")?;
        }
        for post in self.posts {
            let (address, date) = (&post.address, iso(post.date));
            writeln!(xml, "<url><loc>{BASE}{address}</loc><lastmod>{date}</lastmod></url>")?;
        }
        xml.push_str("</urlset>\n");
        Ok(xml)
    }
}

fn tag_value(tag: &str, count: usize) -> Value {
    object([
        ("name", Value::from(tag)),
        ("url", Value::from(tag_address(tag))),
        ("count", Value::from(count)),
    ])
}

/// A post in a feed, as XML.
struct Entry {
    title: String,
    url: String,
    summary: String,
    content: String,
}

fn entry(post: &Post) -> Entry {
    let html = markdown(&post.text[post.body..]);
    let summary = html.find("</p>").map_or("", |end| &html[..end + "</p>".len()]);
    let (summary, content) = (escaped(summary), escaped(&html));
    Entry { title: escaped(&post.title), url: format!("{BASE}{}", post.address), summary, content }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// HTML with ids at the headings.
fn markdown(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut events: Vec<Event<'_>> = Parser::new_ext(text, options).collect();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let (mut start, mut slug) = (None, String::new());
    for index in 0..events.len() {
        match &events[index] {
            Event::Start(Tag::Heading { .. }) => (start, slug) = (Some(index), String::new()),
            Event::Text(text) | Event::Code(text) if start.is_some() => push_slug(&mut slug, text),
            Event::End(TagEnd::Heading(_)) => {
                let count = taken.entry(slug.clone()).or_default();
                let own = if *count == 0 { slug.clone() } else { format!("{slug}-{count}") };
                *count += 1;
                if let Some(Event::Start(Tag::Heading { id, .. })) =
                    start.take().and_then(|start| events.get_mut(start))
                {
                    *id = Some(own.into());
                }
            }
            _ => {}
        }
    }
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events.into_iter());
    out
}

fn push_slug(slug: &mut String, text: &str) {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    slug.extend(text.chars().map(plain));
}

/// Writes a file. A folder in which pages lie is made when the first of them comes.
fn write(output: &Path, address: &str, bytes: &[u8]) -> Outcome<()> {
    let mut file = output.join(address.trim_start_matches('/'));
    if address.ends_with('/') {
        if fs::create_dir(&file).is_err() {
            fs::create_dir_all(&file)?;
        }
        file.push("index.html");
    }
    fs::write(file, bytes)?;
    Ok(())
}
