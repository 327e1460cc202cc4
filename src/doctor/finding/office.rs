//! What is found in the folder of the post office. `path` is the file that was looked at.

use jiff::{SignedDuration, Timestamp};

use super::{Check, Finding};
use crate::doctor::office::{DeadServer, NewKey};

/// Servers that are named.
const NAMED_MAX: usize = 3;

impl Finding {
    fn in_office(self, path: &str, user: Option<&str>) -> Self {
        Self { asked: path.to_owned(), actor: user.map(str::to_owned), ..self }
    }

    pub(crate) fn office_unreadable(path: &str, reason: &str) -> Self {
        Self::warning(Check::Office, path, reason)
            .in_office(path, None)
            .sees("nothing, when the post office itself can read it; else nobody is answered")
            .mend("run this as the user as whom the post office runs")
    }

    pub(crate) fn office_waits(path: &str, queued: i64, age: SignedDuration) -> Self {
        let came = format!("{}, the oldest since {}", waiting(queued), long(age));
        Self::warning(Check::Office, path, came)
            .in_office(path, None)
            .sees("followers get posts late; what waits for eight days is given up")
            .mend("see whether the post office runs, or whether cron starts `sitegen deliver`")
    }

    pub(crate) fn office_dead_servers(path: &str, count: i64, named: &[DeadServer]) -> Self {
        let name = |server: &DeadServer| match &server.why {
            Some(why) => format!("{} ({why})", server.origin),
            None => server.origin.clone(),
        };
        let names: Vec<String> = named.iter().take(NAMED_MAX).map(name).collect();
        let what = if count == 1 { "server has" } else { "servers have" };
        let came = format!("{count} {what} not been reached for a day: {}", names.join(", "));
        Self::note(Check::Office, path, came)
            .in_office(path, None)
            .sees("followers there get nothing until it comes back; others do not notice")
            .mend(
                "nothing, when these servers are away; if it is most of them, see whether this \
                   machine reaches the internet",
            )
    }

    pub(crate) fn office_holds(path: &str, held: i64) -> Self {
        let wait = if held == 1 { "message waits" } else { "messages wait" };
        let came = format!("{held} {wait} for somebody to say that they may go");
        Self::warning(Check::Office, path, came)
            .in_office(path, None)
            .sees("these posts do not reach followers")
            .mend("if so many posts are right, run `sitegen deliver --confirm`")
    }

    pub(crate) fn office_saw_problem(path: &str, user: &str, problem: &str) -> Self {
        Self::warning(Check::Office, path, format!("the last look at the site: {problem}"))
            .in_office(path, Some(user))
            .sees("what is new or was changed may not reach followers")
            .mend("see to it, and run `sitegen deliver`, or wait for the next look")
    }

    pub(crate) fn office_has_new_key(path: &str, key: &NewKey) -> Self {
        let day = |moment: Timestamp| moment.strftime("%Y-%m-%d").to_string();
        let (since, until) = (day(key.since), day(key.old_until));
        let came =
            format!("it signs with a new key since {since}; the old one is kept until {until}");
        Self::note(Check::Office, path, came)
            .in_office(path, Some(&key.user))
            .sees("nothing; what was in the queue before is signed with the old one")
            .mend("nothing: the old key goes out of use by itself")
    }

    pub(crate) fn office_sleeps(path: &str, user: &str, age: Option<SignedDuration>) -> Self {
        let came = match age {
            Some(age) => format!("the site was last looked at {} ago", long(age)),
            None => "the site was never looked at".to_owned(),
        };
        Self::warning(Check::Office, path, came)
            .in_office(path, Some(user))
            .sees("new posts do not reach followers")
            .mend("start the post office with `sitegen inbox`, or let cron start `sitegen deliver`")
    }
}

fn waiting(count: i64) -> String {
    if count == 1 { "1 message waits".to_owned() } else { format!("{count} messages wait") }
}

/// `26 hours`, `3 days`.
fn long(age: SignedDuration) -> String {
    let hours = age.as_hours();
    if hours < 48 { format!("{hours} hours") } else { format!("{} days", hours / 24) }
}
