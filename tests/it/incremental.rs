//! Whatever is done to a site between builds, the output is that of a clean build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sitegen::config::Mode;
use sitegen::diagnostic::{Diagnostic, Severity};
use sitegen::load::Inputs;
use sitegen::pipeline::{self, Known, Preview, Report};
use sitegen::write::{Changes, Stage, Target};
use tempfile::TempDir;

use crate::fixture::NOW;
use crate::folder::contents;

const CONFIG: &str = "base_url = \"https://party.example\"\ntitle = \"The Party\"\n";

/// What somebody may do between two builds.
#[derive(Clone, Debug)]
enum Step {
    Text(usize, Text),
    Remove(usize),
    Rename(usize, usize),
    Section(usize, Text, Option<usize>),
    Picture(usize, bool),
    Data(bool),
    Config(usize),
    Template(usize),
    Spoil(usize),
    LoseOutput(usize),
    LoseNotes,
}

/// A text, by the choices that matter.
#[derive(Clone, Debug)]
struct Text {
    title: usize,
    day: Option<usize>,
    tags: Vec<usize>,
    heading: usize,
    speaks: Vec<usize>,
    front: Vec<usize>,
}

/// Where texts lie. Some are translations of others, some have their own folder.
const TEXTS: [&str; 10] = [
    "news/a.md",
    "news/b.md",
    "news/c.md",
    "news/a.cy.md",
    "news/d/index.md",
    "news/d/index.cy.md",
    "blog/a.md",
    "blog/deep/b.md",
    "about.md",
    "about.cy.md",
];

const SECTIONS: [&str; 4] = ["_index.md", "news/_index.md", "blog/_index.md", "news/_index.cy.md"];

/// What a text may say of others.
const SPEAKS: [&str; 12] = [
    "[x](@/news/a.md)",
    "[x](@/news/b.md#one)",
    "[x](@/about.md#two)",
    "[x](b.md)",
    "[x](%62.md#two)",
    "[x](/tags/red/)",
    "[x](/news/c/)",
    "[x](@/news/_index.md#one)",
    "![p](p.png)",
    "{{ button(label=\"x\", url=\"@/blog/a.md\") }}",
    "{{ table(rows=\"wards\") }}",
    "[x](#one) and <!-- more --> more",
];

const FRONT: [&str; 11] = [
    "slug = \"other\"",
    "aliases = [\"/old/\"]",
    "draft = true",
    "weight = 3",
    "description = \"Described.\"",
    "summary = \"[x](@/news/c.md)\"",
    "updated = 2026-05-20",
    "authors = [\"Nia\", \"Tom\"]",
    "image = \"p.png\"\nimage_alt = \"P\"",
    "data = { wards = \"wards.toml\" }",
    "template = \"own.html\"",
];

const CONFIGS: [&str; 7] = [
    "",
    "[languages.cy]\ntitle = \"Y Blaid\"\n",
    "feed_limit = 2\nmenu = [\"@/news/_index.md\"]\n[languages.cy]\n",
    "taxonomies = [{ name = \"tags\", feed = true, paginate_by = 1 }]\n[languages.cy]\n",
    "[markdown]\nsmart_punctuation = true\n",
    "generate_search = true\n[languages.cy]\n",
    "[languages.cy]\n[imprint]\nlaw = \"uk-2022\"\non_behalf_of = []\n\
     promoter = { name = \"A\", address = \"B, C\" }\n",
];

const TEMPLATES: [&str; 3] = [
    "{% extends \"base.html\" %}{% block main %}{{ page.title }}{% for t in page.terms.tags %}\
     {{ t.name }}{{ t.url }}{% endfor %}{% if page.next %}{{ page.next.title }}{% endif %}\
     {{ page.content }}{% endblock %}",
    "{{ page.title }}{{ site.title }}{{ page.section.title }}\
     {% if page.previous %}{{ page.previous.description }}{% endif %}",
    "{{ page.translations | length }}{{ page.breadcrumbs | length }}{{ page.weight }}",
];

impl Text {
    fn write(&self, more: &str) -> String {
        let Self { title, day, tags, heading, speaks, front } = self;
        let mut text = format!("+++\ntitle = \"Title {title}\"\n{more}");
        if let Some(day) = day {
            text.push_str(&format!("date = 2026-05-{:02}\n", day + 1));
        }
        if !tags.is_empty() {
            let tags: Vec<&str> = tags.iter().map(|tag| ["red", "green", "Red"][*tag]).collect();
            text.push_str(&format!("tags = {tags:?}\n"));
        }
        front.iter().for_each(|index| text.push_str(&format!("{}\n", FRONT[*index])));
        text.push_str(&format!("+++\n\n## {}\n\n", ["One", "Two", "Three"][*heading]));
        speaks.iter().for_each(|index| text.push_str(&format!("{}\n\n", SPEAKS[*index])));
        text
    }
}

fn text() -> impl Strategy<Value = Text> {
    let some = |count: usize, max: usize| {
        prop::sample::subsequence((0..count).collect::<Vec<_>>(), 0..=max)
    };
    (0..4usize, prop::option::weighted(0.7, 0..9usize), some(3, 3), 0..3usize)
        .prop_flat_map(move |(title, day, tags, heading)| {
            (Just((title, day, tags, heading)), some(SPEAKS.len(), 3), some(FRONT.len(), 2))
        })
        .prop_map(|((title, day, tags, heading), speaks, front)| Text {
            title,
            day,
            tags,
            heading,
            speaks,
            front,
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..TEXTS.len(), text()).prop_map(|(at, text)| Step::Text(at, text)),
        2 => (0..TEXTS.len()).prop_map(Step::Remove),
        2 => (0..TEXTS.len(), 0..TEXTS.len()).prop_map(|(from, to)| Step::Rename(from, to)),
        2 => (0..SECTIONS.len(), text(), prop::option::of(1..3usize))
            .prop_map(|(at, text, by)| Step::Section(at, text, by)),
        1 => (0..3usize, any::<bool>()).prop_map(|(at, there)| Step::Picture(at, there)),
        1 => any::<bool>().prop_map(Step::Data),
        1 => (0..CONFIGS.len()).prop_map(Step::Config),
        1 => (0..=TEMPLATES.len()).prop_map(Step::Template),
        1 => (0..100usize).prop_map(Step::Spoil),
        1 => (0..100usize).prop_map(Step::LoseOutput),
        1 => Just(Step::LoseNotes),
    ]
}

/// A site on the disk that is built again and again.
struct Work(TempDir, Mode);

impl Work {
    fn new(keep_going: bool) -> Self {
        let mode = Mode { keep_going, ..Mode::at(NOW.parse().unwrap()) };
        let work = Self(tempfile::tempdir().unwrap(), mode);
        work.put("site.toml", CONFIG);
        work.put("themes/campaign/templates/own.html", TEMPLATES[0]);
        work.put("content/about.md", "+++\ntitle = \"About\"\n+++\n");
        work
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn lose(&self, path: &str) {
        let _ = fs::remove_file(self.0.path().join(path));
    }

    fn take(&self, step: &Step) {
        let content = |path: &str| format!("content/{path}");
        let output = self.0.path().join("public");
        match step {
            Step::Text(at, text) => self.put(&content(TEXTS[*at]), &text.write("")),
            Step::Remove(at) => self.lose(&content(TEXTS[*at])),
            Step::Rename(from, to) => {
                let old = self.0.path().join(content(TEXTS[*from]));
                if let Ok(text) = fs::read_to_string(&old) {
                    fs::remove_file(old).unwrap();
                    self.put(&content(TEXTS[*to]), &text);
                }
            }
            Step::Section(at, text, by) => {
                let by = by.map_or_else(String::new, |by| format!("paginate_by = {by}\n"));
                self.put(&content(SECTIONS[*at]), &Text { day: None, ..text.clone() }.write(&by));
            }
            Step::Picture(at, there) => {
                let path = ["content/news/p.png", "content/news/d/p.png", "static/p.png"][*at];
                if *there { self.put(path, "picture") } else { self.lose(path) }
            }
            Step::Data(more) => {
                let row = "[[rows]]\nname = \"A\"\n";
                self.put("data/wards.toml", &row.repeat(1 + usize::from(*more)));
            }
            Step::Config(at) => {
                let at = CONFIGS[*at];
                let (keys, tables) = at.split_at(at.find("\n[").map_or(0, |end| end + 1));
                self.put("site.toml", &format!("{CONFIG}{keys}{tables}"));
            }
            Step::Template(at) => match TEMPLATES.get(*at) {
                Some(text) => self.put("themes/campaign/templates/page.html", text),
                None => self.lose("themes/campaign/templates/page.html"),
            },
            Step::Spoil(at) | Step::LoseOutput(at) => {
                let files: Vec<String> = contents(&output).into_keys().collect();
                let Some(file) = files.get(at % files.len().max(1)) else { return };
                match step {
                    Step::Spoil(_) => fs::write(output.join(file), "spoilt").unwrap(),
                    _ => fs::remove_file(output.join(file)).unwrap(),
                }
            }
            Step::LoseNotes => {
                let _ = fs::remove_dir_all(self.0.path().join(".sitegen"));
            }
        }
    }

    /// Builds as the program does. An error when the site cannot be built as it is.
    fn build(
        &self,
        output: &Path,
        force: bool,
        distrust: bool,
    ) -> Result<(Report, Changes), Box<Report>> {
        let root = self.0.path().canonicalize().unwrap();
        let output = output.to_path_buf();
        let inputs = Inputs::read(&root, "site.toml").unwrap();
        let target = Target { root: root.clone(), output, force, distrust, ..Target::default() };
        let stage = Stage::new(target, |_, _| ()).unwrap();
        let report = pipeline::build(&inputs, &self.1, &stage).unwrap();
        if report.unusable || (report.has_errors() && !self.1.keep_going) {
            return Err(Box::new(report));
        }
        if let Some(record) = &report.record {
            fs::write(root.join("published.toml"), record).unwrap();
        }
        let changes = stage.ready().unwrap().publish().unwrap();
        Ok((report, changes))
    }

    /// Builds twice and compares with a clean build.
    fn check(&self) -> Result<(), TestCaseError> {
        let output = self.0.path().join("public");
        // Without notes, what is in the output and would not be made is somebody else's.
        let force = !self.0.path().join(".sitegen/manifests").exists();
        let built = self.build(&output, force, false);
        let incremental = contents(&output);
        let fresh = tempfile::tempdir().unwrap();
        let clean = fresh.path().join("clean");
        let (report, other) = match (built, self.build(&clean, false, true)) {
            (Ok((report, _)), Ok((other, _))) => (report, other),
            (Err(report), Err(other)) => {
                prop_assert_eq!(report.diagnostics, other.diagnostics);
                return Ok(());
            }
            (built, other) => {
                let said = built.map_or_else(|report| report.diagnostics, |_| Vec::new());
                let other = other.map_or_else(|report| report.diagnostics, |_| Vec::new());
                return Err(TestCaseError::fail(format!("{said:#?} or {other:#?}")));
            }
        };
        let clean = contents(&clean);
        prop_assert_eq!(names(&incremental), names(&clean));
        for (path, bytes) in &clean {
            let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            prop_assert_eq!(shown(&incremental[path]), shown(bytes), "{}", path);
        }
        // What the record has to say of a change is said once.
        let lasting = |report: Report| {
            let lasts = |d: &Diagnostic| d.severity() != Severity::Note;
            report.diagnostics.into_iter().filter(lasts).collect::<Vec<_>>()
        };
        prop_assert_eq!(lasting(report), lasting(other));
        let again = self.build(&output, false, false).map(|(_, c)| [c.written, c.removed].concat());
        prop_assert_eq!(again.map_err(|r| r.diagnostics), Ok(Vec::new()));
        Ok(())
    }
}

/// A site that is read again and again, as a preview does it.
struct Reader {
    root: PathBuf,
    mode: Mode,
    inputs: Inputs,
    known: Known,
    /// The files as they were, to know what somebody has touched.
    files: BTreeMap<String, Vec<u8>>,
}

impl Reader {
    fn of(work: &Work) -> Self {
        let root = work.0.path().canonicalize().unwrap();
        let base_url = Some("http://127.0.0.1:1111".to_owned());
        Self {
            mode: Mode { base_url, ..work.1.clone() },
            inputs: Inputs::read(&root, "site.toml").unwrap(),
            known: Known::default(),
            files: contents(&root),
            root,
        }
    }

    /// Reads what was touched, or looks at everything, and compares with a site that nobody has
    /// read before.
    fn check(&mut self, all: bool) -> Result<(), TestCaseError> {
        let (before, after) = (&self.files, contents(&self.root));
        let is_touched = |path: &&String| before.get(*path) != after.get(*path);
        let touched = before.keys().chain(after.keys()).filter(is_touched);
        let touched: BTreeSet<PathBuf> = touched.map(|path| self.root.join(path)).collect();
        let touched = Some(&touched).filter(|_| !all);
        let again = self.inputs.read_again(&self.root, "site.toml", touched).unwrap();
        self.known.keep_up(&again.changed);
        (self.inputs, self.files) = (again.inputs, after);
        let fresh = Inputs::read(&self.root, "site.toml").unwrap();
        let (preview, report) = Preview::load(&self.inputs, &self.mode, &mut self.known);
        let (other, expected) = Preview::load(&fresh, &self.mode, &mut Known::default());
        prop_assert_eq!(report.diagnostics, expected.diagnostics);
        prop_assert_eq!(preview.is_some(), other.is_some());
        let (Some(preview), Some(other)) = (preview, other) else { return Ok(()) };
        let (desk, other) = (preview.desk(), other.desk());
        prop_assert_eq!(&desk.problems, &other.problems);
        prop_assert_eq!(desk.count(), other.count());
        for number in 0..desk.count() {
            prop_assert_eq!(desk.check(number), other.check(number));
            let (path, _) = desk.check(number);
            let shown = |answer| format!("{answer:?}");
            prop_assert_eq!(shown(desk.answer(path)), shown(other.answer(path)));
        }
        Ok(())
    }
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&String> {
    files.keys().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn after_any_steps_a_build_equals_a_clean_one(
        keep_going in any::<bool>(),
        steps in prop::collection::vec(step(), 1..14),
    ) {
        let work = Work::new(keep_going);
        for step in &steps {
            work.take(step);
            work.check()?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn after_any_steps_a_preview_shows_what_a_new_one_would(
        steps in prop::collection::vec((step(), any::<bool>()), 1..14),
    ) {
        let work = Work::new(false);
        let mut reader = Reader::of(&work);
        for (step, all) in &steps {
            work.take(step);
            reader.check(*all)?;
        }
    }
}

/// A page with a title and a text.
fn page(front: &str, text: &str) -> String {
    format!("+++\n{front}\n+++\n{text}\n")
}

/// What a site is, and what then changes in it.
type Change = (&'static str, Vec<(&'static str, String)>, Vec<(&'static str, String)>);

fn plain(title: &str) -> String {
    page(&format!("title = \"{title}\"\ndate = 2026-05-01"), "## One\n")
}

fn slug(slug: &str) -> String {
    page(&format!("title = \"T\"\nslug = \"{slug}\""), "Text.")
}

fn tagged(tag: &str) -> String {
    page(&format!("title = \"T\"\ndate = 2026-05-02\ntags = [\"{tag}\"]"), "x")
}

fn link(to: &str) -> String {
    page("title = \"Link\"", &format!("[x]({to})"))
}

/// Changes of what texts say, and of where their links lead.
fn changes_of_texts() -> Vec<Change> {
    vec![
        (
            "two pages exchange their addresses",
            vec![("x/a.md", link("@/y/b.md")), ("y/b.md", slug("p")), ("y/c.md", slug("q"))],
            vec![("y/b.md", slug("q")), ("y/c.md", slug("p"))],
        ),
        (
            "what an address leads to is gone",
            vec![("x/a.md", link("/tags/red/")), ("b.md", tagged("red"))],
            vec![("b.md", tagged("green"))],
        ),
        (
            "a heading is renamed",
            vec![("x/a.md", link("@/b.md#one")), ("b.md", page("title = \"B\"", "## One"))],
            vec![("b.md", page("title = \"B\"", "## Two"))],
        ),
        (
            "a heading is renamed that the text of a section links to",
            vec![("x/_index.md", link("@/b.md#one")), ("b.md", page("title = \"B\"", "## One"))],
            vec![("b.md", page("title = \"B\"", "## Two"))],
        ),
        (
            "white space before a text makes it code",
            vec![("a.md", page("title = \"A\"", "\n    indented"))],
            vec![("a.md", page("title = \"A\"", "\nindented"))],
        ),
        (
            "line ends change",
            vec![("a.md", page("title = \"A\"", "[x](https://a.example \"a\nb\")"))],
            vec![("a.md", page("title = \"A\"", "[x](https://a.example \"a\r\nb\")"))],
        ),
        (
            "a link that is written with an entity leads elsewhere",
            vec![("x/a.md", link("../y/b&#46;md")), ("y/b.md", slug("p")), ("y/c.md", slug("q"))],
            vec![("y/b.md", slug("q")), ("y/c.md", slug("p"))],
        ),
        (
            "a link in a summary that is written with an escape leads elsewhere",
            vec![
                ("x/a.md", page("title = \"A\"\nsummary = \"[x](../y/b\\u002Emd)\"", "x")),
                ("y/b.md", slug("p")),
                ("y/c.md", slug("q")),
            ],
            vec![("y/b.md", slug("q")), ("y/c.md", slug("p"))],
        ),
    ]
}

/// Changes of what stands on other pages too.
fn changes_of_what_is_shared() -> Vec<Change> {
    let welsh = format!("{CONFIG}[languages.cy]\ntitle = \"Y Blaid\"\n");
    let menu = format!("{CONFIG}menu = [\"@/b.md\"]\n");
    let table = page("title = \"A\"\ndata = { rows = \"r.csv\" }", "{{ table(rows=\"rows\") }}");
    let picture = page("title = \"A\"\nimage = \"p.png\"\nimage_alt = \"P\"", "x");
    vec![
        (
            "a term is written differently",
            vec![("a.md", tagged("red")), ("x/b.md", tagged("red"))],
            vec![("a.md", tagged("Red"))],
        ),
        (
            "a neighbour has another title",
            vec![("a.md", plain("A")), ("b.md", plain("B")), ("c.md", plain("C"))],
            vec![("b.md", plain("Be"))],
        ),
        (
            "a section has another title",
            vec![("news/_index.md", page("title = \"News\"", "")), ("news/a.md", plain("A"))],
            vec![("news/_index.md", page("title = \"Latest\"", ""))],
        ),
        (
            "a translation has another title",
            vec![("../site.toml", welsh), ("a.md", plain("A")), ("a.cy.md", plain("Â"))],
            vec![("a.cy.md", plain("Âa"))],
        ),
        (
            "a page in the menu has another title",
            vec![("../site.toml", menu), ("a.md", plain("A")), ("b.md", plain("B"))],
            vec![("b.md", plain("Be"))],
        ),
        (
            "a data file changes",
            vec![("r.csv", "name\nA\n".to_owned()), ("a.md", table)],
            vec![("r.csv", "name\nB\n".to_owned())],
        ),
        (
            "a picture appears",
            vec![
                ("../site.toml", format!("{CONFIG}front_matter = \"lenient\"\n")),
                ("a.md", picture),
            ],
            vec![("p.png", "picture".to_owned())],
        ),
        (
            "the theme says something else",
            vec![("a.md", plain("A"))],
            vec![("../themes/campaign/templates/page.html", TEMPLATES[1].to_owned())],
        ),
    ]
}

#[test]
fn a_change_reaches_whoever_shows_something_of_it() {
    for (what, before, after) in changes_of_texts().into_iter().chain(changes_of_what_is_shared()) {
        let work = Work::new(false);
        let put = |files: &[(&str, String)]| {
            files.iter().for_each(|(path, text)| work.put(&format!("content/{path}"), text));
        };
        put(&before);
        work.check().unwrap_or_else(|error| panic!("before {what}: {error}"));
        assert!(work.0.path().join("public/index.html").exists(), "before {what}");
        put(&after);
        work.check().unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}
