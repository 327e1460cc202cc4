//! `sitegen limits`: every limit, from where it is held.

use std::fs;

use super::says;
use crate::folder::{Folder, json};

#[test]
fn limits_are_shown_with_what_they_are_for() {
    let anywhere = Folder::empty();
    let run = anywhere.expect(0, "limits");
    says(&run.out, &["Followers\n", "200000  followers of all accounts", "8 KiB", "15 min", "8 d"]);
    let lines = json(&anywhere.expect(0, "limits --format json").out);
    let index = lines.iter().find(|line| line["name"] == "site::CREATES_A_DAY").unwrap();
    assert_eq!((&index["value"], &index["unit"]), (&10.into(), &"count".into()));
    assert!(lines.iter().all(|line| line["value"].as_f64().is_some_and(|value| value > 0.0)));
}

#[test]
fn no_limit_of_the_post_office_is_left_out() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs")).unwrap();
    let marked = source.split("#[cfg(feature = \"network\")]\npub(crate) const ").skip(1);
    let shown = Folder::empty().expect(0, "limits --format json").out;
    for name in marked.map(|rest| rest.split(':').next().unwrap()) {
        assert!(shown.contains(&format!("\"limits::{name}\"")), "{name}");
    }
}
