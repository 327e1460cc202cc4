//! What has become of a delivery.
//!
//! A delivery may have been taken out of the queue while it was under way. Then there is only the
//! server to learn about.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::queue::Delivery;
use super::{Result, counters, followers, moment, seconds, sql};
use crate::limits::HOST_ERROR_CHARS_MAX;

/// After how long an inbox that has refused is asked again.
pub(crate) const REFUSED_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// How often, and over how long, an inbox refuses before it is left alone.
pub(crate) const REFUSALS_MAX: i64 = 3;
pub(crate) const REFUSED_FOR: SignedDuration = SignedDuration::from_hours(2 * 24);

/// After how long an inbox that says it is gone has to say so again.
pub(crate) const GONE_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// What follows from it that an inbox is gone, or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// It is asked again later.
    Later,
    /// It does not get this message.
    LeftOut,
    /// The message goes to so many followers one by one.
    OneByOne(usize),
    /// So many followers get nothing any more.
    Parked(usize),
    /// So many do not follow any more.
    Dropped(usize),
}

/// The inbox took it (2xx): from now on its server gets all messages.
pub fn delivered(connection: &Connection, delivery: &Delivery, now: Timestamp) -> Result<()> {
    // The server first: it may be known only as long as something goes to it. It goes to the end of
    // the queue, so that all get their turn.
    let sql = "UPDATE host SET proven = ifnull(proven, ?2), failures = 0, failing = NULL,
                   last_error = NULL, last_ok = ?2, until = ?2 WHERE origin = ?1";
    sql::change(connection, sql, params![delivery.origin, seconds(now)])?;
    let sql = "UPDATE inbox SET until = 0, gone = NULL, refused = NULL, refusals = 0
               WHERE uri = ?1 AND (gone IS NOT NULL OR refused IS NOT NULL)";
    sql::change(connection, sql, [delivery.inbox.as_str()])?;
    remove(connection, delivery)
}

/// The server could not be reached, or could not take it (5xx, 429), and gets nothing before
/// `until`. `error` names nobody.
pub fn postpone(
    connection: &Connection,
    delivery: &Delivery,
    now: Timestamp,
    until: Timestamp,
    error: &str,
) -> Result<()> {
    let error: String =
        error.chars().filter(|c| !c.is_control()).take(HOST_ERROR_CHARS_MAX).collect();
    let sql = "UPDATE host SET failures = failures + 1, failing = ifnull(failing, ?2),
                   until = ?3, last_error = ?4 WHERE origin = ?1";
    sql::change(connection, sql, params![delivery.origin, seconds(now), seconds(until), error])?;
    tried(connection, delivery)
}

/// The message waits until then, and others go ahead of it, except for those about the same post.
pub fn put_behind(connection: &Connection, delivery: &Delivery, until: Timestamp) -> Result<()> {
    let sql = "UPDATE delivery SET due = ?2 WHERE due < ?2
                   AND inbox = (SELECT inbox FROM delivery WHERE id = ?1)
                   AND activity IN (SELECT other.id FROM delivery
                       JOIN activity AS own ON own.id = delivery.activity
                       JOIN activity AS other ON other.post = own.post OR other.id = own.id
                       WHERE delivery.id = ?1)";
    sql::change(connection, sql, params![delivery.id, seconds(until)]).map(|_| ())
}

/// The inbox does not take this message, and never will (403, 404, 405, 413, …): it is left out, for
/// the next one may be welcome (as in Mastodon's `delivery_worker.rb`). Only an answer to a follow
/// is tried again tomorrow, for without it nobody knows that they follow. After three messages over
/// two days its followers are parked.
pub fn refused(
    connection: &Connection,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Consequence> {
    is_up(connection, delivery)?;
    let Some(inbox) = inbox(connection, delivery)? else { return Ok(Consequence::Later) };
    let sql = "UPDATE inbox SET refused = ifnull(refused, ?2), refusals = refusals + 1
               WHERE id = ?1 RETURNING refused, refusals";
    let found = sql::one(connection, sql, params![inbox, seconds(now)], |row| {
        Ok((moment(row.get(0)?), row.get::<_, i64>(1)?))
    });
    let (first, count) = found?.unwrap_or((now, 1));
    if count >= REFUSALS_MAX && now.duration_since(first) >= REFUSED_FOR {
        let sql = "UPDATE follower SET parked = ?2 WHERE parked IS NULL AND remote IN
                   (SELECT id FROM remote WHERE inbox = ?1 UNION
                    SELECT id FROM remote WHERE shared = ?1)";
        let parked = sql::change(connection, sql, params![inbox, seconds(now)])?;
        sql::change(connection, "DELETE FROM delivery WHERE inbox = ?1", [inbox])?;
        return Ok(Consequence::Parked(parked));
    }
    if !is_answer(connection, delivery)? {
        remove(connection, delivery)?;
        return Ok(Consequence::LeftOut);
    }
    tried(connection, delivery)?;
    put_off(connection, inbox, now.saturating_add(REFUSED_AGAIN).unwrap_or(now))?;
    Ok(Consequence::Later)
}

/// Takes a delivery out of the queue.
pub fn leave_out(connection: &Connection, delivery: &Delivery) -> Result<()> {
    remove(connection, delivery)
}

fn is_answer(connection: &Connection, delivery: &Delivery) -> Result<bool> {
    let sql = "SELECT 1 FROM delivery JOIN activity ON activity.id = delivery.activity
               WHERE delivery.id = ?1 AND addressee IS NOT NULL";
    sql::is_there(connection, sql, [delivery.id])
}

/// The server does not believe the signature (401): it may not have been able to fetch our key. The
/// inbox gets nothing before `until`.
pub fn unproven(
    connection: &Connection,
    delivery: &Delivery,
    until: Timestamp,
) -> Result<Consequence> {
    is_up(connection, delivery)?;
    tried(connection, delivery)?;
    if let Some(inbox) = inbox(connection, delivery)? {
        put_off(connection, inbox, until)?;
    }
    Ok(Consequence::Later)
}

/// The inbox says that it is gone for good (410). Instead of one for all, those of its followers
/// get the message; and who says so again a day later follows no more.
pub fn gone(connection: &Connection, delivery: &Delivery, now: Timestamp) -> Result<Consequence> {
    is_up(connection, delivery)?;
    let Some(inbox) = inbox(connection, delivery)? else { return Ok(Consequence::Later) };
    let sql = "UPDATE inbox SET gone = ifnull(gone, ?2) WHERE id = ?1 RETURNING gone";
    let first = sql::one(connection, sql, params![inbox, seconds(now)], |row| row.get(0))?;
    let first = first.map_or(now, moment);
    if delivery.is_shared {
        return one_by_one(connection, delivery, inbox, now).map(Consequence::OneByOne);
    }
    if now.duration_since(first) < GONE_AGAIN {
        tried(connection, delivery)?;
        put_off(connection, inbox, first.saturating_add(GONE_AGAIN).unwrap_or(now))?;
        return Ok(Consequence::Later);
    }
    let sql = "SELECT user, uri FROM remote JOIN follower ON follower.remote = remote.id
               WHERE inbox = ?1";
    let lost: Vec<(String, String)> =
        sql::all(connection, sql, [inbox], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (user, actor) in &lost {
        followers::remove(connection, user, actor)?;
    }
    sql::change(connection, "DELETE FROM delivery WHERE inbox = ?1", [inbox])?;
    counters::add(connection, counters::GONE, lost.len())?;
    Ok(Consequence::Dropped(lost.len()))
}

/// Sends what is on its way to a shared inbox to the own inboxes of those followers instead. New
/// messages go there anyway, as long as the inbox is noted as gone.
fn one_by_one(
    connection: &Connection,
    delivery: &Delivery,
    shared: i64,
    now: Timestamp,
) -> Result<usize> {
    let sql = "INSERT INTO delivery (activity, host, inbox, is_shared, due)
               SELECT DISTINCT activity.id, own.host, own.id, 0, max(?2, own.until)
               FROM delivery CROSS JOIN activity ON activity.id = delivery.activity
               CROSS JOIN remote ON remote.shared = ?1 AND remote.inbox <> ?1
               CROSS JOIN inbox AS own ON own.id = remote.inbox
               CROSS JOIN follower ON follower.remote = remote.id
                   AND follower.user = activity.user
               WHERE delivery.inbox = ?1 AND delivery.is_shared AND accepted AND parked IS NULL
               ORDER BY delivery.id, own.id ON CONFLICT DO NOTHING";
    let count = sql::change(connection, sql, params![shared, seconds(now)])?;
    let sql = "DELETE FROM delivery WHERE inbox = ?1 AND is_shared";
    sql::change(connection, sql, [shared])?;
    // The server has not refused it, so the next one is tried at once.
    remove(connection, delivery)?;
    Ok(count)
}

/// The server answers, whatever it says.
fn is_up(connection: &Connection, delivery: &Delivery) -> Result<()> {
    let sql = "UPDATE host SET failures = 0, failing = NULL, last_error = NULL WHERE origin = ?1";
    sql::change(connection, sql, [&delivery.origin]).map(|_| ())
}

fn inbox(connection: &Connection, delivery: &Delivery) -> Result<Option<i64>> {
    let sql = "SELECT id FROM inbox WHERE uri = ?1";
    sql::one(connection, sql, [delivery.inbox.as_str()], |row| row.get(0))
}

/// All that is on its way to an inbox waits, also what will be: it has to arrive in its order.
fn put_off(connection: &Connection, inbox: i64, until: Timestamp) -> Result<()> {
    let values = params![inbox, seconds(until)];
    sql::change(connection, "UPDATE inbox SET until = ?2 WHERE id = ?1", values)?;
    let sql = "UPDATE delivery SET due = ?2 WHERE inbox = ?1 AND due < ?2";
    sql::change(connection, sql, params![inbox, seconds(until)]).map(|_| ())
}

fn tried(connection: &Connection, delivery: &Delivery) -> Result<()> {
    let sql = "UPDATE delivery SET tries = tries + 1 WHERE id = ?1";
    sql::change(connection, sql, [delivery.id]).map(|_| ())
}

fn remove(connection: &Connection, delivery: &Delivery) -> Result<()> {
    sql::change(connection, "DELETE FROM delivery WHERE id = ?1", [delivery.id]).map(|_| ())
}
