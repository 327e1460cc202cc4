//! What an examination says to people and to programs.

use serde::Serialize;

use super::finding::{Check, Finding, Severity};
use super::peers::{Ability, Peer};
use super::{Examination, Level};
use crate::diagnostic::visible;

/// What stands in a field of the table; `None` where there is nothing to say.
type Cell = Option<bool>;

impl Examination {
    /// Whether something that the site promises does not work.
    pub(crate) fn is_broken(&self) -> bool {
        self.count(Severity::Broken) > 0 || (self.has_actors && self.promised > self.reached())
    }

    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether a server has an ability with this site.
    pub(crate) fn can(&self, peer: Peer, ability: Ability) -> Cell {
        let fediverse = Peer::FEDIVERSE.contains(&peer);
        let looked_at = |check| self.findings.iter().any(|finding| finding.check == check);
        let applies = match peer {
            Peer::Bluesky => looked_at(Check::Bluesky),
            Peer::FeedReader => looked_at(Check::Feed),
            _ => !fediverse || self.has_actors,
        };
        if !peer.does(ability) || (self.reachable && !applies) {
            return None;
        }
        let denied = |ability| {
            self.findings.iter().any(|finding| {
                finding.denies == Some(ability) && finding.refused_by.contains(&peer)
            })
        };
        // Who cannot read the profile has nothing to follow, and nowhere to show posts.
        let needs: &[Ability] = match ability {
            Ability::Follows if fediverse => &[Ability::Finds, Ability::Reads, ability],
            Ability::Shows if fediverse => &[Ability::Reads, ability],
            _ => &[ability],
        };
        Some(self.reachable && !needs.iter().any(|ability| denied(*ability)))
    }

    /// The level that every server of the fediverse reaches, where one that finds the name is enough
    /// for the lowest; `None` when none finds it, or there is nobody to find.
    pub(crate) fn reached(&self) -> Option<Level> {
        let all = |ability| {
            self.has_actors
                && Peer::FEDIVERSE.iter().all(|peer| self.can(*peer, ability) != Some(false))
        };
        let mut peers = Peer::FEDIVERSE.iter();
        let is_found =
            self.has_actors && peers.any(|peer| self.can(*peer, Ability::Finds) != Some(false));
        let is_read = all(Ability::Finds) && all(Ability::Reads) && all(Ability::Shows);
        let levels = [
            (Level::NameOnly, is_found),
            (Level::Readable, is_read),
            (Level::Followable, all(Ability::Follows)),
        ];
        levels.iter().take_while(|(_, holds)| *holds).last().map(|(level, _)| *level)
    }

    /// For people: what is not fine (or all, when `verbose`), the table, the level.
    pub(crate) fn human(&self, verbose: bool) -> String {
        let mut text = String::new();
        for finding in &self.findings {
            if verbose || finding.severity != Severity::Fine {
                text.push_str(&human(finding));
            }
        }
        text.push_str(&self.table());
        let name = |level: Option<Level>| level.map_or("not found", Level::name);
        let level = match (self.has_actors, self.promised) {
            _ if !self.reachable => "the site was not reached".to_owned(),
            (false, _) => "no account of the fediverse was found here".to_owned(),
            (true, promised) if promised <= self.reached() => name(self.reached()).to_owned(),
            (true, promised) => {
                format!("{}, but it promises “{}”", name(self.reached()), name(promised))
            }
        };
        text.push_str(&format!(
            "\n{}: {level}. {} broken, {} to look at, {} fine.\n",
            visible(&self.base_url),
            self.count(Severity::Broken),
            self.count(Severity::Warning) + self.count(Severity::Note),
            self.count(Severity::Fine),
        ));
        text
    }

    fn table(&self) -> String {
        let heads = Ability::ALL.map(Ability::name);
        let mut text = format!("{:<13}", "");
        text.push_str(&heads.map(|head| format!("  {head}")).concat());
        text.push('\n');
        for peer in Peer::ALL {
            text.push_str(&format!("{:<13}", peer.name()));
            for (ability, head) in Ability::ALL.iter().zip(heads) {
                let cell = match self.can(peer, *ability) {
                    Some(true) => "yes",
                    Some(false) => "no",
                    None => "–",
                };
                text.push_str(&format!("  {cell:<width$}", width = head.len()));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    /// For programs: a line for each finding, then the summary with the table.
    pub(crate) fn json(&self) -> String {
        let lines = self.findings.iter().map(|finding| line(&JsonFinding::from(finding)));
        let rows = Peer::ALL.map(|peer| JsonRow {
            server: peer.name(),
            finds_the_name: self.can(peer, Ability::Finds),
            reads_the_profile: self.can(peer, Ability::Reads),
            shows_posts: self.can(peer, Ability::Shows),
            can_follow: self.can(peer, Ability::Follows),
        });
        let summary = JsonSummary {
            version: 1,
            kind: "summary",
            ok: !self.is_broken(),
            url: &self.base_url,
            broken: self.count(Severity::Broken),
            warnings: self.count(Severity::Warning),
            level: self.reached().map(Level::name),
            promised: self.promised.map(Level::name),
            table: rows.into(),
        };
        lines.chain([line(&summary)]).collect()
    }
}

/// An object on a line of its own.
pub(crate) fn line(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them always become JSON.
    format!("{}\n", serde_json::to_string(value).unwrap_or_default())
}

fn human(finding: &Finding) -> String {
    let Finding { severity, check, actor, asked, came, refused_by, denies: _, sees, mend } =
        finding;
    let who = actor.as_ref().map(|user| format!(" (@{})", visible(user))).unwrap_or_default();
    let mut text = format!("{}[{}]{who}: {}\n", severity.name(), check.name(), visible(asked));
    let names: Vec<&str> = refused_by.iter().map(|peer| peer.name()).collect();
    let rows =
        [("came", came), ("refused by", &names.join(", ")), ("seen there", sees), ("mend", mend)];
    for (name, row) in rows {
        if !row.is_empty() {
            text.push_str(&format!("  {name:<10}  {}\n", visible(row)));
        }
    }
    text.push('\n');
    text
}

/// Version 1 of what `--format json` writes for a finding.
#[derive(Serialize)]
struct JsonFinding<'a> {
    version: u32,
    kind: &'static str,
    severity: &'static str,
    check: &'static str,
    actor: Option<&'a str>,
    asked: &'a str,
    came: &'a str,
    refused_by: Vec<&'static str>,
    sees: &'a str,
    mend: &'a str,
}

impl<'a> From<&'a Finding> for JsonFinding<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            version: 1,
            kind: "finding",
            severity: finding.severity.name(),
            check: finding.check.name(),
            actor: finding.actor.as_deref(),
            asked: &finding.asked,
            came: &finding.came,
            refused_by: finding.refused_by.iter().map(|peer| peer.name()).collect(),
            sees: &finding.sees,
            mend: &finding.mend,
        }
    }
}

/// Version 1 of a row of the table; `null` where there is nothing to say.
#[derive(Serialize)]
struct JsonRow {
    server: &'static str,
    finds_the_name: Cell,
    reads_the_profile: Cell,
    shows_posts: Cell,
    can_follow: Cell,
}

/// Version 1 of what `--format json` writes at the end.
#[derive(Serialize)]
struct JsonSummary<'a> {
    version: u32,
    kind: &'static str,
    ok: bool,
    url: &'a str,
    broken: usize,
    warnings: usize,
    level: Option<&'static str>,
    promised: Option<&'static str>,
    table: Vec<JsonRow>,
}
