//! What is known of the sender of a message.

use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use super::{Result, blocks, moment, remote, sql};
use crate::federation::{Known, KnownFollower, RemoteActor, Retracted};

/// What is known of an actor, and of what they are to a user. `message` is the id of the message
/// that they have sent.
pub fn known(connection: &Connection, user: &str, actor: &str, message: &str) -> Result<Known> {
    Ok(Known {
        follower: follower(connection, user, actor)?,
        retracted: retracted(connection, user, actor, message)?,
        blocked: blocks::is_blocked(connection, actor)?,
    })
}

fn follower(connection: &Connection, user: &str, actor: &str) -> Result<Option<KnownFollower>> {
    let sql = "SELECT follow, accepted, answered, at FROM follower
               JOIN remote ON remote.id = follower.remote WHERE user = ?1 AND uri = ?2";
    sql::one(connection, sql, [user, actor], |row| {
        Ok(KnownFollower {
            follow: row.get(0)?,
            accepted: row.get(1)?,
            answered: row.get::<_, Option<i64>>(2)?.map(moment),
            at: moment(row.get(3)?),
        })
    })
}

/// The last follow that was taken back. Of its id there is only a hash, so what is said of it is
/// whether it is that of `message`.
fn retracted(
    connection: &Connection,
    user: &str,
    actor: &str,
    message: &str,
) -> Result<Option<Retracted>> {
    let sql = "SELECT follow = ?3, at FROM retracted WHERE user = ?1 AND actor = ?2";
    sql::one(connection, sql, params![user, hash(actor), hash(message)], |row| {
        let is_same: Option<bool> = row.get(0)?;
        let follow = is_same.unwrap_or(false).then(|| message.to_owned());
        Ok(Retracted { follow, at: moment(row.get(1)?) })
    })
}

/// What stands for an id that only has to be recognised.
pub(super) fn hash(id: &str) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(id)[..16]);
    half
}

/// Of whom somebody is a follower by this follow; for when a follow is taken back by its id alone.
pub fn user_of_follow(
    connection: &Connection,
    actor: &str,
    follow: &str,
) -> Result<Option<String>> {
    let sql = "SELECT user FROM remote JOIN follower ON follower.remote = remote.id
               WHERE uri = ?1 AND follow = ?2";
    sql::one(connection, sql, [actor, follow], |row| row.get(0))
}

/// Whether anything is known of an actor, so that a message that they are deleted is of interest.
pub fn is_known_actor(connection: &Connection, actor: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM remote WHERE uri = ?1 UNION ALL
               SELECT 1 FROM reaction WHERE actor = ?1 LIMIT 1";
    sql::is_there(connection, sql, [actor])
}

/// What is known of an actor who follows, with the keys that they had when they were last asked.
pub fn remote(connection: &Connection, actor: &str) -> Result<Option<RemoteActor>> {
    remote::get(connection, actor)
}
