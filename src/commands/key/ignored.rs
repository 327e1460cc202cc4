//! Whether Git would leave a file out, as far as that can be said without asking it.

use std::fs;
use std::path::Path;

/// Whether the rules of the repository around a site ignore one of its files, or a folder that it
/// is in; `None` when there is no repository.
///
/// It knows the rules that people write (names, paths, `*`), and not all that Git has.
pub(super) fn is_ignored(root: &Path, file: &str) -> Option<bool> {
    let top = root.ancestors().find(|folder| folder.join(".git").exists())?;
    let below = root.strip_prefix(top).ok()?.to_str()?.replace('\\', "/");
    let path = if below.is_empty() { file.to_owned() } else { format!("{below}/{file}") };
    let mut rules = fs::read_to_string(top.join(".git/info/exclude")).unwrap_or_default();
    rules.push('\n');
    let mut verdict = verdict(&rules, &path);
    // The rules of inner folders come after those of outer ones, and the last one counts.
    let mut folder = top.to_path_buf();
    let mut rest = path.as_str();
    loop {
        if let Ok(rules) = fs::read_to_string(folder.join(".gitignore")) {
            verdict = self::verdict(&rules, rest).or(verdict);
        }
        let Some((name, inside)) = rest.split_once('/') else { break };
        folder.push(name);
        rest = inside;
    }
    Some(verdict.unwrap_or(false))
}

/// What the last rule says that is about a path, which is relative to where the rules are.
fn verdict(rules: &str, path: &str) -> Option<bool> {
    rules.lines().rev().find_map(|line| {
        let line = line.trim();
        let (rule, ignores) = line.strip_prefix('!').map_or((line, true), |rule| (rule, false));
        let is_rule = !rule.is_empty() && !rule.starts_with('#');
        (is_rule && is_about(rule, path)).then_some(ignores)
    })
}

/// Whether a rule is about a path or a folder above it.
fn is_about(rule: &str, path: &str) -> bool {
    let rule = rule.strip_suffix("/**").or(rule.strip_suffix("/*")).unwrap_or(rule);
    let rule = rule.strip_suffix('/').unwrap_or(rule);
    let anywhere = rule.strip_prefix("**/").unwrap_or(rule);
    if !anywhere.contains('/') {
        return path.split('/').any(|name| fits(anywhere, name));
    }
    let rule: Vec<&str> = rule.trim_start_matches('/').split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    rule.len() <= path.len() && rule.iter().zip(&path).all(|(rule, name)| fits(rule, name))
}

/// Whether a name is as a pattern with `*` says.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*') {
        let Some((_, after)) = name.split_once(piece) else { return false };
        name = after;
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn the_usual_rules_are_understood() {
        let path = ".sitegen/keys/news.pem";
        for rule in [
            ".sitegen",
            "/.sitegen",
            ".sitegen/",
            "/.sitegen/",
            ".sitegen/*",
            "**/.sitegen/",
            ".*",
            "*.pem",
            ".sitegen/keys",
            "/.sitegen/**",
            "*",
            "# x\n\n/.sitegen\r\n/public",
        ] {
            assert_eq!(verdict(rule, path), Some(true), "{rule}");
        }
        for rule in ["", "/public", "# .sitegen", "sitegen", "keys/sub", "/keys", "*.txt"] {
            assert_eq!(verdict(rule, path), None, "{rule}");
        }
    }

    #[test]
    fn the_last_rule_counts() {
        assert_eq!(verdict("*.pem\n!/keys/news.pem", "keys/news.pem"), Some(false));
        assert_eq!(verdict("!/keys/news.pem\n*.pem", "keys/news.pem"), Some(true));
        assert_eq!(verdict("*.pem\n!/keys/news.pem", "keys/other.pem"), Some(true));
    }
}
