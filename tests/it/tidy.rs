//! The rules of the project, as code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Longest file, in lines before its tests.
const FILE_LINES_MAX: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder, relative to the repository.
fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    files.sort();
    files
}

fn rust_files() -> Vec<(String, String)> {
    let files = files_below("src").into_iter().chain(files_below("tests"));
    let rust = files.filter(|path| Path::new(path).extension().is_some_and(|e| e == "rs"));
    rust.map(|path| (path.clone(), read(&path))).collect()
}

/// The code of a file without its tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap()
}

/// The top module of a source file: `render` for `src/render/view.rs`.
fn module_of(path: &str) -> String {
    let inside = path.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs").to_owned()
}

/// The rows of the table of layers in the code map: a module and what it may use.
fn layers() -> BTreeMap<String, BTreeSet<String>> {
    let map = read("src/README.md");
    let quoted = |cell: &str| -> BTreeSet<String> {
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut layers = BTreeMap::new();
    let table = map.lines().skip_while(|line| !line.starts_with("| module"));
    for line in table.skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let module = quoted(cells[0]).into_iter().next().unwrap();
        layers.insert(module, quoted(cells[2]));
    }
    layers
}

#[test]
fn every_module_uses_only_the_layers_below_it() {
    let layers = layers();
    for (path, text) in rust_files() {
        if !path.starts_with("src/") || path == "src/main.rs" || path == "src/lib.rs" {
            continue;
        }
        let module = module_of(&path);
        if module == "commands" {
            continue;
        }
        let allowed = layers.get(&module).unwrap_or_else(|| panic!("{module} is not in the map"));
        for used in without_tests(&text).split("crate::").skip(1) {
            let name: String =
                used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            assert!(
                name == module || allowed.contains(&name),
                "{path} uses `{name}`, which the table in src/README.md does not allow"
            );
        }
    }
}

#[test]
fn only_the_edge_touches_the_world() {
    let edge = [
        "src/doctor/live.rs",
        "src/load/again.rs",
        "src/load/read.rs",
        "src/main.rs",
        // Its thread sees nothing but what it drops.
        "src/memory.rs",
    ];
    // What of the preview only thinks.
    let pure = ["src/serve/head.rs", "src/serve/page.rs", "src/serve/request.rs"];
    let world = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "tokio::net",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "println!",
        "eprintln!",
    ];
    for (path, text) in rust_files() {
        let at_edge = edge.contains(&path.as_str())
            || path.starts_with("src/disk/")
            || path.starts_with("src/deploy/remote/")
            || path.starts_with("src/office/")
            || (path.starts_with("src/serve/") && !pure.contains(&path.as_str()))
            || path.starts_with("src/write/")
            || path.starts_with("src/office/transport/")
            || path.starts_with("src/office/listener/")
            || path.starts_with("src/commands/");
        if at_edge || !path.starts_with("src/") {
            continue;
        }
        for name in world {
            assert!(!without_tests(&text).contains(name), "{path} uses {name}");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    for (path, text) in rust_files() {
        let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let says = head.starts_with("//!") || head.starts_with("#![doc");
        assert!(says, "{path} does not begin with what it is for");
        let lines = without_tests(&text).lines().count();
        if path.starts_with("src/") {
            assert!(lines <= FILE_LINES_MAX, "{path} has {lines} lines: look for its parts");
        }
        for (number, line) in text.lines().enumerate() {
            let length = line.chars().count();
            // A table in a comment or a whole page in a string cannot be broken.
            let whole = line.trim_start().starts_with("//") || path.starts_with("tests/");
            assert!(length <= 100 || whole, "{path}:{} has {length} characters", number + 1);
        }
    }
}

#[test]
fn nothing_is_left_half_done() {
    let marks =
        [concat!("FIX", "ME"), concat!("TO", "DO"), concat!("XX", "X"), concat!("HA", "CK")];
    for (path, text) in rust_files() {
        for mark in marks {
            assert!(!text.contains(mark), "{path} has a {mark}");
        }
    }
}

#[test]
fn the_theme_in_the_binary_is_the_one_in_the_folder() {
    let list = read("src/load/theme.rs");
    let start = list.find("embedded![").unwrap();
    let listed: BTreeSet<String> = list[start..]
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with(']'))
        .map(|line| line.trim().trim_matches(['"', ',']).to_owned())
        .collect();
    let files = files_below("themes/campaign");
    let there: BTreeSet<String> =
        files.iter().map(|path| path.trim_start_matches("themes/campaign/").to_owned()).collect();
    assert_eq!(listed, there);
}

/// The keys that a reader asks a table for.
fn asked_for(path: &str) -> BTreeSet<String> {
    let text = read(path);
    let text: String = without_tests(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    let methods = [
        "text",
        "placed_text",
        "flag",
        "integer",
        "count",
        "texts",
        "moment",
        "moment_of",
        "table",
        "table_of",
        "text_table",
        "word",
        "node",
        "line",
        "lines",
        "email",
        "when",
        "placed_flag",
        "web_address",
        "web_addresses",
        "mail_or_page",
    ];
    let mut keys = BTreeSet::new();
    for method in methods {
        for call in text.split(&format!(".{method}(\"")).skip(1) {
            keys.insert(call.split('"').next().unwrap().to_owned());
        }
    }
    keys
}

/// The keys in the first column of the tables of a part of README.md.
fn documented(heading: &str) -> BTreeSet<String> {
    let readme = read("README.md");
    let start = readme.find(heading).unwrap_or_else(|| panic!("README.md has no `{heading}`"));
    let part = &readme[start + heading.len()..];
    let level = heading.split(' ').next().unwrap();
    let end = part.find(&format!("\n{level} ")).unwrap_or(part.len());
    let rows = part[..end].lines().filter(|line| line.starts_with("| `"));
    rows.flat_map(|row| {
        let cell = row.trim_matches('|').split(" | ").next().unwrap();
        cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()
    })
    .collect()
}

#[test]
fn the_readme_knows_every_key_of_the_front_matter() {
    let mut asked = asked_for("src/load/front_matter.rs");
    // These two are asked for by way of lists.
    asked.extend(["tag", "tags", "category", "categories", "author", "authors"].map(str::to_owned));
    assert_eq!(documented("### Front matter"), asked);
}

#[test]
fn the_readme_knows_every_key_of_a_kind() {
    let mut asked: BTreeSet<String> = files_below("src/load/kinds")
        .iter()
        .filter(|path| !path.ends_with("/mod.rs"))
        .flat_map(|path| asked_for(path))
        .collect();
    asked.extend(asked_for("src/config/notice.rs"));
    // These are lists of tables, which a function reads all alike, and sums of money.
    asked.extend(["accounts", "actions", "fields", "links", "amounts"].map(str::to_owned));
    asked.extend(["amount", "benefit"].map(str::to_owned));
    // Those of inner tables are named with their table.
    let of_notices = documented("### Political advertising in the European Union");
    let documented: BTreeSet<String> = documented("### Kinds of content")
        .into_iter()
        .chain(of_notices)
        .map(|key| key.rsplit('.').next().unwrap().to_owned())
        .collect();
    assert_eq!(documented, asked);
}

#[test]
fn the_readme_knows_every_key_of_a_target() {
    let mut asked = asked_for("src/config/deploy.rs");
    asked.remove("deploy");
    // These are asked for by way of a function that reads them all alike.
    asked.extend(["to", "endpoint", "branch"].map(str::to_owned));
    assert_eq!(documented("## Put it online"), asked);
}

#[test]
fn the_readme_knows_every_key_of_inbox_toml() {
    let mut asked = asked_for("src/office/settings.rs");
    // These are lists, which a function reads all alike.
    asked.extend(["proxies", "allow_addresses", "resolve"].map(str::to_owned));
    let documented: BTreeSet<String> = documented("### inbox.toml")
        .into_iter()
        .map(|key| key.rsplit('.').next().unwrap().to_owned())
        .collect();
    assert_eq!(documented, asked);
}

#[test]
fn the_readme_knows_every_key_of_site_toml() {
    let mut asked = asked_for("src/config/read.rs");
    asked.extend(asked_for("src/config/hosting.rs"));
    asked.extend(asked_for("src/config/taxonomies.rs"));
    asked.extend(asked_for("src/config/actors.rs"));
    asked.extend(asked_for("src/config/imprint.rs"));
    asked.extend(asked_for("src/config/notice.rs"));
    asked.extend(asked_for("src/config/look.rs"));
    asked.extend(asked_for("src/config/follow.rs"));
    asked.extend(asked_for("src/config/pictures.rs"));
    asked.extend(
        asked_for("src/config/deploy.rs").intersection(&["deploy".to_owned()].into()).cloned(),
    );
    // These are asked for by way of a function that reads them all alike.
    asked.extend(
        ["icon", "icon_alt", "header", "header_alt", "menu", "footer_menu"].map(str::to_owned),
    );
    asked.extend(["sections", "terms", "people", "also_known_as"].map(str::to_owned));
    // Those of inner tables are named with their table.
    let documented: BTreeSet<String> = documented("### site.toml")
        .into_iter()
        .map(|key| key.rsplit('.').next().unwrap().to_owned())
        .collect();
    assert_eq!(documented, asked);
}
