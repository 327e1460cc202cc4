//! `sitegen limits`: every limit of the post office, taken from where it is held.

use std::io;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::cli::{Global, OutputFormat};
use crate::commands::Exit;
use crate::commands::output::write_to;
use crate::federation::{budget, retry, site};
use crate::limits;
use crate::office::listener::Settings;
use crate::office::store::{outcome, status, sweep};
use crate::office::{deliver, look, spool};

/// How much it is.
enum Amount {
    Count(u64),
    Bytes(u64),
    Time(SignedDuration),
}

/// A limit: where it is held, how much it is, what it is for.
struct Limit(&'static str, Amount, &'static str);

/// Limits that have to do with each other.
struct Group(&'static str, Vec<Limit>);

/// A limit by its name in the program, so that it can be looked up there.
macro_rules! limit {
    ($amount:ident, $held:expr, $purpose:literal) => {
        Limit(stringify!($held), $amount($held), $purpose)
    };
}

fn count(number: impl TryInto<u64>) -> Amount {
    Amount::Count(number.try_into().unwrap_or(u64::MAX))
}

fn bytes(number: impl TryInto<u64>) -> Amount {
    Amount::Bytes(number.try_into().unwrap_or(u64::MAX))
}

fn time(time: SignedDuration) -> Amount {
    Amount::Time(time)
}

fn wait(time: Duration) -> Amount {
    Amount::Time(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX))
}

/// Shows them all.
pub(super) fn run(global: &Global) -> Exit {
    let mut text = String::new();
    for Group(title, list) in groups() {
        if global.format == OutputFormat::Human {
            text.push_str(&format!("{title}\n"));
        }
        for Limit(name, amount, purpose) in list {
            match global.format {
                OutputFormat::Human => {
                    text.push_str(&format!("  {:>10}  {purpose}\n", shown(&amount)));
                }
                OutputFormat::Json => {
                    let (unit, value) = match amount {
                        Amount::Count(count) => ("count", json!(count)),
                        Amount::Bytes(bytes) => ("bytes", json!(bytes)),
                        Amount::Time(time) => ("seconds", json!(time.as_secs_f64())),
                    };
                    let line = json!({
                        "version": 1, "kind": "limit", "name": name, "value": value, "unit": unit,
                        "for": purpose,
                    });
                    text.push_str(&format!("{line}\n"));
                }
            }
        }
    }
    write_to(io::stdout(), &text);
    Exit::Fine
}

/// `200000`, `8 KiB`, `15 min`.
fn shown(amount: &Amount) -> String {
    let units: &[(u64, &str)] = match amount {
        Amount::Count(count) => return count.to_string(),
        Amount::Bytes(_) => &[(1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes")],
        Amount::Time(_) => &[(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")],
    };
    let value = match amount {
        Amount::Count(value) | Amount::Bytes(value) => *value,
        Amount::Time(time) => u64::try_from(time.as_millis()).unwrap_or(0),
    };
    let fits = |(unit, _): &&(u64, &str)| value >= *unit && value.is_multiple_of(*unit);
    match units.iter().find(fits) {
        Some((unit, name)) => format!("{} {name}", value / unit),
        None => format!("{value} ms"),
    }
}

fn groups() -> Vec<Group> {
    vec![
        Group("Followers", followers()),
        Group("Requests to the post office", requests()),
        Group("Time for requests to the post office", deadlines()),
        Group("What other servers say", answers()),
        Group("Asking other servers because of strangers", asking()),
        Group("Delivering", delivering()),
        Group("The site", site()),
        Group("What is kept", kept()),
    ]
}

fn followers() -> Vec<Limit> {
    vec![
        limit!(count, limits::FOLLOWERS_MAX, "followers of all accounts"),
        limit!(count, limits::FOLLOWERS_FROM_DOMAIN_MAX, "followers from one domain"),
        limit!(
            count,
            limits::FOLLOWERS_FROM_UNPROVEN_MAX,
            "followers from a server that has not taken a message yet"
        ),
        limit!(
            count,
            limits::FOLLOWERS_FROM_UNPROVEN_DOMAIN_MAX,
            "those from all such servers of one domain"
        ),
        limit!(count, budget::FOLLOWS_A_MINUTE, "follows from one server in a minute"),
        limit!(bytes, limits::TABLE_BYTES_MAX, "a table of followers or of blocked servers"),
    ]
}

fn requests() -> Vec<Limit> {
    vec![
        limit!(bytes, limits::REQUEST_HEAD_BYTES_MAX, "the head of a request"),
        limit!(count, limits::REQUEST_FIELDS_MAX, "headers of a request"),
        limit!(bytes, limits::REQUEST_BODY_BYTES_MAX, "a message"),
        limit!(bytes, limits::REQUEST_BODIES_BYTES_MAX, "all messages that are being received"),
        limit!(count, spool::FILES_MAX, "requests in a spool"),
        limit!(bytes, spool::BYTES_MAX, "all of them"),
        limit!(
            count,
            spool::SENDER_PART,
            "parts of the room that is left, of which one sender gets one"
        ),
        limit!(bytes, limits::SIGNATURE_BYTES_MAX, "a header with a signature"),
        limit!(count, limits::SIGNED_HEADERS_MAX, "what one signature covers"),
    ]
}

fn deadlines() -> Vec<Limit> {
    let settings = Settings::default();
    vec![
        limit!(count, settings.connections_max, "connections at a time"),
        limit!(wait, settings.header_deadline, "for the head of a request"),
        limit!(wait, settings.body_deadline, "for a message"),
        limit!(wait, settings.answer_deadline, "for making an answer"),
        limit!(wait, settings.write_deadline, "for taking an answer"),
        limit!(wait, settings.idle_deadline, "between two requests"),
        limit!(wait, settings.stop_deadline, "for what is unfinished at the end"),
    ]
}

fn answers() -> Vec<Limit> {
    vec![
        limit!(bytes, limits::ANSWER_HEAD_BYTES_MAX, "the headers of an answer"),
        limit!(count, limits::ANSWER_FIELDS_MAX, "how many headers an answer has"),
        limit!(bytes, limits::ANSWER_BODY_BYTES_MAX, "a document"),
        limit!(count, limits::REMOTE_JSON_DEPTH_MAX, "how deep a document nests"),
        limit!(count, limits::REMOTE_KEYS_MAX, "keys of somebody"),
        limit!(count, limits::REMOTE_NAME_CHARS_MAX, "characters of somebody's name"),
        limit!(bytes, limits::REMOTE_ID_BYTES_MAX, "the id of somebody or something"),
        limit!(bytes, limits::URL_BYTES_MAX, "an address that is asked"),
    ]
}

fn asking() -> Vec<Limit> {
    vec![
        limit!(count, budget::FETCHES, "times that a server is asked …"),
        limit!(wait, budget::PERIOD, "… in this time"),
        limit!(count, budget::BURST, "of them at once"),
        limit!(count, budget::WAITING_MAX, "senders that wait for one server"),
        limit!(count, budget::SERVERS_MAX, "servers that are counted"),
        limit!(count, budget::ALL_A_MINUTE, "times in a minute that all servers are asked"),
        limit!(count, budget::ALL_BURST, "of them at once"),
    ]
}

fn delivering() -> Vec<Limit> {
    vec![
        limit!(count, deliver::AT_ONCE, "requests at once"),
        limit!(count, deliver::OPEN_MAX, "requests at once, with those that take long"),
        limit!(count, deliver::TURN, "messages to one server before the others have their turn"),
        limit!(time, retry::wait(1, 0.0), "until a server that does not answer is tried again"),
        limit!(time, retry::WAIT_MAX, "between two tries, at most"),
        limit!(time, retry::LIFETIME, "that a message is worth sending"),
        limit!(time, status::DEAD, "without an answer after which `status` names a server"),
        limit!(time, sweep::DEAD, "without an answer after which followers there get nothing"),
        limit!(time, outcome::REFUSED_AGAIN, "until an inbox that has refused is asked again"),
        limit!(count, outcome::REFUSALS_MAX, "times that an inbox refuses …"),
        limit!(time, outcome::REFUSED_FOR, "… over this time, before its followers get nothing"),
        limit!(time, outcome::GONE_AGAIN, "after which an inbox has to say again that it is gone"),
    ]
}

fn site() -> Vec<Limit> {
    vec![
        limit!(count, site::CREATES_A_DAY, "new posts in a day that nobody has to confirm"),
        limit!(count, site::UPDATES_A_DAY, "changed posts in a day that nobody has to confirm"),
        limit!(time, site::DAY, "is such a day"),
        limit!(wait, look::INTERVAL, "between two looks at the site, when nobody asks for one"),
        limit!(wait, look::ASKED_INTERVAL, "between two looks, when somebody asks"),
        limit!(bytes, look::INDEX_BYTES_MAX, "the list of an account's posts"),
        limit!(bytes, look::DOCUMENT_BYTES_MAX, "a post"),
    ]
}

fn kept() -> Vec<Limit> {
    vec![
        limit!(bytes, limits::STORED_KEYS_BYTES_MAX, "the keys of one follower"),
        limit!(count, limits::RETRACTIONS_MAX, "follows that were taken back"),
        limit!(time, sweep::RETRACTED, "for which they are remembered"),
        limit!(count, limits::REACTIONS_MAX, "likes, boosts and replies"),
        limit!(count, limits::REACTIONS_TO_POST_MAX, "of them to one post"),
        limit!(count, limits::REACTIONS_FROM_ACTOR_MAX, "of them from one sender"),
        limit!(count, limits::HOST_ERROR_CHARS_MAX, "characters of why a server does not answer"),
        limit!(bytes, limits::KEY_BYTES_MAX, "a file with a key"),
        limit!(bytes, limits::USER_NAME_BYTES_MAX, "the name of an account"),
    ]
}
