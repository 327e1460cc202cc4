//! The output folder: never half-written, and nobody else's files touched.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use sitegen::artifact::{Artifact, Rank, Sink};
use sitegen::write::{Standing, made};

use crate::fixture::Site;
use crate::folder::{Folder, contents, good, json};

/// More pages than are put into place file by file.
const MANY: usize = 150;

/// A site with so many pages that most builds of it replace the whole folder.
fn large() -> Site {
    (0..MANY).fold(good(), |site, number| {
        let page = format!("+++\ntitle = \"Page {number}\"\n+++\nText {number}.\n");
        site.with(&format!("content/pages/p{number}.md"), page)
    })
}

/// Changes every document of the output.
fn change_all(folder: &Folder) {
    let config = folder.read("site.toml");
    folder.write("site.toml", config.replace("The Party", "The Other Party"));
}

/// What a clean build of the same sources makes.
fn clean(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    folder.expect(0, "build --no-cache -o clean");
    let contents = contents(&folder.path("clean"));
    fs::remove_dir_all(folder.path("clean")).unwrap();
    contents
}

#[track_caller]
fn assert_is_new(folder: &Folder) {
    assert_eq!(contents(&folder.path("public")), clean(folder));
    let left: Vec<String> =
        folder.names().into_iter().filter(|name| name.contains("sitegen-")).collect();
    assert_eq!(left, Vec::<String>::new());
}

#[cfg(unix)]
fn inode(folder: &Folder, path: &str) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(folder.path(path)).unwrap().ino()
}

#[cfg(unix)]
#[test]
fn a_small_change_keeps_the_folder_and_a_large_one_replaces_it() {
    let folder = large().on_disk();
    folder.expect(0, "build");
    let (first, leaflet) = (inode(&folder, "public"), inode(&folder, "public/leaflet.pdf"));
    folder.write("content/pages/p7.md", "+++\ntitle = \"Seven\"\n+++\nNew.\n");
    folder.expect(0, "build");
    assert_eq!(inode(&folder, "public"), first);
    assert_is_new(&folder);
    change_all(&folder);
    let run = folder.expect(0, "build");
    assert_ne!(inode(&folder, "public"), first);
    assert_eq!(inode(&folder, "public/leaflet.pdf"), leaflet, "what is equal is not copied");
    assert_is_new(&folder);
    assert_eq!(run.err, "");
}

#[test]
fn a_file_that_would_not_change_is_not_touched_by_either_way() {
    let folder = large().on_disk();
    folder.expect(0, "build");
    let time = |path: &str| fs::metadata(folder.path(path)).unwrap().modified().unwrap();
    let before = time("public/leaflet.pdf");
    change_all(&folder);
    folder.expect(0, "build");
    folder.write("content/about.md", "+++\ntitle = \"About\"\n+++\nAll of us.\n");
    folder.expect(0, "build");
    folder.expect(0, "build --no-cache");
    assert_eq!(time("public/leaflet.pdf"), before);
}

#[cfg(unix)]
#[test]
fn the_new_folder_has_the_rights_of_the_old_one() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = large().on_disk();
    folder.expect(0, "build");
    fs::set_permissions(folder.path("public"), fs::Permissions::from_mode(0o2750)).unwrap();
    change_all(&folder);
    folder.expect(0, "build");
    let mode = fs::metadata(folder.path("public")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o2750);
}

#[test]
fn what_is_kept_comes_along_and_what_is_not_named_stops_a_large_build() {
    let folder = large().config("keep = [\"stats\", \"deep/er/file.txt\"]").on_disk();
    folder.expect(0, "build");
    let kept = [
        "public/.git/HEAD",
        "public/.well-known/acme-challenge/token",
        "public/pages/p1/.DS_Store",
        "public/stats/index.html",
        "public/pages/stats",
        "public/deep/er/file.txt",
    ];
    for path in kept {
        folder.write(path, "mine");
    }
    change_all(&folder);
    folder.expect(0, "build");
    for path in kept {
        assert_eq!(folder.read(path), "mine", "{path}");
    }
    assert!(folder.read("public/about/index.html").contains("The Other Party"));

    folder.write("public/deep/other.txt", "mine");
    let config = folder.read("site.toml");
    folder.write("site.toml", config.replace("Other Party", "Third Party"));
    let before = contents(&folder.path("public"));
    let run = folder.expect(1, "build");
    assert!(run.err.contains("public/deep/other.txt") && run.err.contains("keep"), "{}", run.err);
    assert_eq!(contents(&folder.path("public")), before);
    let run = folder.expect(0, "build --force");
    assert!(!folder.has("public/deep/other.txt") && folder.has("public/deep/er/file.txt"));
    assert!(folder.has("public/.git/HEAD"), "{}", run.out);
}

#[test]
fn a_kept_folder_in_which_the_build_makes_files_too_is_merged() {
    let site = large().with("static/.well-known/acme-challenge/ours", "ours");
    let folder = site.on_disk();
    folder.expect(0, "build");
    folder.write("public/.well-known/acme-challenge/theirs", "mine");
    change_all(&folder);
    folder.expect(0, "build");
    assert_eq!(folder.read("public/.well-known/acme-challenge/theirs"), "mine");
    assert_eq!(folder.read("public/.well-known/acme-challenge/ours"), "ours");
}

#[test]
fn what_is_no_longer_made_goes_also_from_a_folder_that_is_kept() {
    for all in [false, true] {
        let folder = large().config("keep = [\"pages\"]").on_disk();
        folder.expect(0, "build");
        folder.write("public/pages/mine.txt", "mine");
        folder.write("public/pages/p7/mine.txt", "mine");
        folder.write("content/pages/p7.md", "+++\ntitle = \"Page 7\"\ndraft = true\n+++\n");
        folder.write("content/pages/p8.md", "+++\ntitle = \"Page 8\"\ndraft = true\n+++\n");
        if all {
            change_all(&folder);
        }
        folder.expect(0, "build");
        assert!(!folder.has("public/pages/p7/index.html") && !folder.has("public/pages/p8"));
        assert_eq!(folder.read("public/pages/mine.txt"), "mine", "{all}");
        assert_eq!(folder.read("public/pages/p7/mine.txt"), "mine", "{all}");
    }
}

#[test]
fn what_somebody_has_put_where_a_page_was_is_theirs() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    fs::remove_file(folder.path("content/about.md")).unwrap();
    folder.write("public/about/index.html", "mine");
    let run = folder.expect(1, "build");
    assert!(run.err.contains("public/about/index.html"), "{}", run.err);
    assert_eq!(folder.read("public/about/index.html"), "mine");
    let config = folder.read("site.toml");
    folder.write("site.toml", format!("keep = [\"about\"]\n{config}"));
    folder.expect(0, "build");
    assert_eq!(folder.read("public/about/index.html"), "mine");
}

#[test]
fn what_is_kept_and_made_as_well_is_said() {
    let folder = good().config("keep = [\"robots.txt\"]").on_disk();
    folder.expect(0, "build");
    folder.write("public/robots.txt", "mine");
    for options in ["build", "build --force"] {
        let run = folder.expect(1, options);
        assert!(run.err.contains("public/robots.txt") && run.err.contains("one of the two"));
        assert_eq!(folder.read("public/robots.txt"), "mine");
    }
}

#[cfg(unix)]
#[test]
fn rights_and_empty_folders_of_others_survive_a_large_change() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = large().on_disk();
    folder.expect(0, "build");
    fs::create_dir_all(folder.path("public/uploads/deep")).unwrap();
    let rights = fs::Permissions::from_mode(0o700);
    fs::set_permissions(folder.path("public/pages"), rights).unwrap();
    change_all(&folder);
    folder.expect(0, "build");
    assert!(folder.has("public/uploads/deep"));
    let mode = fs::metadata(folder.path("public/pages")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o700);
}

#[test]
fn an_error_of_the_output_can_be_read_by_programs_and_force_says_what_it_took() {
    let folder = good().on_disk();
    folder.write("public/mine.txt", "mine");
    let run = folder.expect(1, "build --format json");
    let said = &json(&run.out)[0];
    assert_eq!((&said["kind"], &said["exit"]), (&"error".into(), &1.into()), "{}", run.out);
    assert!(said["message"].as_str().unwrap().contains("mine.txt") && said["help"].is_string());
    let run = folder.expect(0, "build --force");
    assert!(run.err.contains("note[taken-over]") && run.err.contains("mine.txt"), "{}", run.err);
}

#[test]
fn verbose_names_the_files_that_changed() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    folder.write("static/leaflet.pdf", "PDF 2");
    fs::remove_file(folder.path("content/about.md")).unwrap();
    let run = folder.expect(0, "build -v");
    assert!(run.out.contains("written leaflet.pdf\nwritten "), "{}", run.out);
    assert!(run.out.contains("removed about/index.html\n"), "{}", run.out);
}

#[test]
fn without_notes_equal_files_are_adopted_and_others_stop_the_build() {
    let folder = large().on_disk();
    folder.expect(0, "build");
    fs::remove_dir_all(folder.path(".sitegen/manifests")).unwrap();
    let run = folder.expect(0, "build --format json");
    assert_eq!(json(&run.out)[0]["written"], 0);
    fs::remove_file(folder.path("content/pages/p1.md")).unwrap();
    folder.expect(0, "build");
    assert!(!folder.has("public/pages/p1"), "an adopted file is ours");

    fs::remove_dir_all(folder.path(".sitegen/manifests")).unwrap();
    folder.write("public/old-page/index.html", "from long ago");
    let run = folder.expect(1, "build");
    assert!(run.err.contains("public/old-page/index.html"), "{}", run.err);
    folder.expect(0, "build --force");
    assert!(!folder.has("public/old-page"));
}

#[test]
fn damaged_notes_are_no_notes() {
    let folder = large().on_disk();
    folder.expect(0, "build");
    let manifests = folder.path(".sitegen/manifests");
    let manifest = fs::read_dir(&manifests).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&manifest).unwrap();
    for damaged in [&text[..text.len() / 2], "", "sitegen manifest 9\n", "\u{0}\u{0}"] {
        fs::write(&manifest, damaged).unwrap();
        let run = folder.expect(0, "build --format json");
        assert_eq!(json(&run.out)[0]["written"], 0, "{damaged:.20}");
        assert_eq!(fs::read_to_string(&manifest).unwrap(), text);
    }
}

#[test]
fn what_a_build_made_is_known_with_what_it_is_for_and_what_has_become_of_it() {
    let folder = good().on_disk();
    let (root, output) = (folder.path("").canonicalize().unwrap(), folder.path("public"));
    assert_eq!(made(&root, &output).unwrap(), None);
    folder.expect(0, "build");
    let page = folder.read("public/about/index.html");
    fs::write(folder.path("public/leaflet.pdf"), "PDX\n").unwrap();
    fs::remove_file(folder.path("public/sitemap.xml")).unwrap();
    // Written again, but with nothing else in it.
    fs::write(folder.path("public/about/index.html"), &page).unwrap();

    let files = made(&root, &output).unwrap().unwrap();
    assert!(files.is_sorted_by_key(|file| &file.path));
    let file = |path| files.iter().find(|file| file.path == path).unwrap();
    let about = file("about/index.html");
    assert_eq!((about.rank, about.size), (Rank::Page, page.len() as u64));
    assert_eq!((about.hash.len(), about.standing), (64, Standing::AsMade));
    assert_eq!(file("leaflet.pdf").rank, Rank::Asset);
    assert_eq!(file("leaflet.pdf").standing, Standing::Changed);
    assert_eq!(file("sitemap.xml").rank, Rank::Feed);
    assert_eq!(file("sitemap.xml").standing, Standing::Missing);
}

#[test]
fn f_12_a_byte_of_the_output_that_was_changed_by_hand_is_mended() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let page = folder.read("public/about/index.html");
    folder.write("public/about/index.html", page.replacen("Us.", "Them", 1));
    folder.write("public/leaflet.pdf", "PDX\n");
    let run = folder.expect(0, "build --format json");
    assert_eq!(json(&run.out)[0]["written"], 2);
    assert_eq!(folder.read("public/about/index.html"), page);
    assert_eq!(folder.read("public/leaflet.pdf"), "PDF\n");
}

#[test]
fn no_cache_sees_a_change_that_hides_itself() {
    let folder = good().on_disk();
    folder.expect(0, "build");
    let path = folder.path("public/leaflet.pdf");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "PDX\n").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    folder.expect(0, "build --no-cache");
    assert_eq!(folder.read("public/leaflet.pdf"), "PDF\n");
}

#[test]
fn f_08_the_home_folder_and_those_above_it_are_no_output() {
    let folder = good().on_disk();
    fs::create_dir_all(folder.path("home/me")).unwrap();
    for output in ["home/me", "home"] {
        let mut command = crate::folder::command(folder.0.path());
        let arguments = ["build", "--force", "-o", output];
        let run = crate::folder::run(command.env("HOME", folder.path("home/me")).args(arguments));
        assert_eq!(run.code, 2, "{run:?}");
        assert!(run.err.contains("your home folder"), "{}", run.err);
    }
}

/// Holds the lock of a site until it is dropped, as another build would.
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[cfg(unix)]
#[test]
fn two_builds_are_kept_apart_and_a_dead_one_holds_nothing() {
    use std::io::Read as _;
    let folder = good().on_disk();
    // The program of util-linux takes the same lock and says so before it waits.
    let holder = Command::new("flock")
        .args(["--exclusive", folder.0.path().to_str().unwrap(), "sh", "-c", "echo held; cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(child) = holder else {
        eprintln!("skipped: there is no `flock` here");
        return;
    };
    let mut holder = Holder(child);
    let mut held = [0; 5];
    holder.0.stdout.as_mut().unwrap().read_exact(&mut held).unwrap();
    let run = folder.expect(75, "build");
    assert!(run.err.contains("another build of the site"), "{}", run.err);
    assert!(!folder.has("public") && !folder.has("published.toml"));
    folder.expect(0, "check");
    drop(holder.0.stdin.take());
    holder.0.wait().unwrap();
    folder.expect(0, "build");
}

#[test]
fn what_is_known_of_pictures_saves_time_and_may_go_at_any_time() {
    let page = "+++\ntitle = \"P\"\ndate = 2026-05-01\n+++\n![P](p.png)\n";
    let folder = good().with("content/p.md", page).with("content/p.png", "one").on_disk();
    folder.expect(0, "build");
    let cache = folder.read(".sitegen/cache/digests");
    assert!(cache.contains("content/p.png"), "{cache}");
    let before = folder.files();
    folder.expect(0, "build");
    assert_eq!(folder.files(), before);
    for damaged in ["", "sitegen digests 9\n", "sitegen digests 1\nx\n", "\u{0}"] {
        folder.write(".sitegen/cache/digests", damaged);
        folder.expect(0, "build");
        assert_eq!(folder.read(".sitegen/cache/digests"), cache, "{damaged:?}");
    }
    fs::remove_dir_all(folder.path(".sitegen/cache")).unwrap();
    let run = folder.expect(0, "build --format json");
    assert_eq!(json(&run.out)[0]["written"], 0);
}

#[cfg(unix)]
#[test]
fn a_picture_that_changes_and_keeps_its_time_is_an_edit() {
    let page = "+++\ntitle = \"P\"\ndate = 2026-05-01\n+++\n![P](p.png)\n";
    let folder = good().with("content/p.md", page).with("content/p.png", "one").on_disk();
    folder.expect(0, "build");
    let (path, record) = (folder.path("content/p.png"), folder.read("published.toml"));
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, "two").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    folder.expect(0, "build");
    assert_eq!(folder.read("public/p.png"), "two");
    assert_ne!(folder.read("published.toml"), record);
}

/// Notes what reaches it, in order.
#[derive(Default)]
struct Order(Mutex<Vec<String>>);

impl Sink for Order {
    type Error = std::convert::Infallible;

    fn accept(&self, artifact: Artifact) -> Result<(), Self::Error> {
        self.0.lock().unwrap().push(artifact.path.as_str().to_owned());
        Ok(())
    }
}

#[test]
fn a_list_is_made_soon_after_the_last_of_its_pages() {
    // What it shows of them is kept until then, and a large site has very many.
    let newest_first = |number: usize| format!("content/news/{:03}.md", 300 - number);
    let site = (0..300).fold(good(), |site, number| {
        let tags = if number < 5 { "tags = [\"New\"]" } else { "" };
        let date = format!("date = {}-01-01", 2025 - number);
        let page = format!("+++\ntitle = \"Page\"\n{date}\n{tags}\n+++\nText.\n");
        site.with(&newest_first(number), page)
    });
    let order = Order::default();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one.install(|| site.build_into(&order));
    let order = order.0.into_inner().unwrap();
    let place = |path: &str| order.iter().position(|made| made == path).unwrap();
    let page = |number: usize| place(&format!("news/{:03}/index.html", 300 - number));
    let list = place("tags/new/index.html");
    assert!(page(4) < list, "{order:?}");
    assert!(list < page(100), "{order:?}");
}
