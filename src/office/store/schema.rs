//! The tables, and how older files come to have them.

use rusqlite::Connection;

use super::error::OpenProblem;

/// In the header of the file: `SGpo`.
pub(super) const APPLICATION_ID: i32 = 0x5347_706f;

/// Each makes of a file of one version one of the next. What has been released never changes.
const MIGRATIONS: &[&str] =
    &[include_str!("schema.sql"), include_str!("schema-2.sql"), include_str!("schema-3.sql")];

/// Brings a file up to this version of the program, step by step, each all or nothing.
///
/// # Errors
///
/// [`OpenProblem::Newer`]: what a newer program has written is not understood.
pub(super) fn migrate(connection: &Connection) -> Result<(), OpenProblem> {
    loop {
        let found = version(connection)?;
        if found > MIGRATIONS.len() {
            return Err(OpenProblem::Newer);
        }
        if found == MIGRATIONS.len() {
            return Ok(());
        }
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let migrated = step(connection);
        connection.execute_batch(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        migrated?;
    }
}

/// One step. Another program may have gone it in the meantime.
fn step(connection: &Connection) -> Result<(), OpenProblem> {
    let found = version(connection)?;
    let Some(sql) = MIGRATIONS.get(found) else { return Ok(()) };
    connection.execute_batch(sql)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(connection.pragma_update(None, "user_version", found + 1)?)
}

fn version(connection: &Connection) -> Result<usize, rusqlite::Error> {
    // A negative one is as strange as a large one.
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Refuses a file whose tables are not those of this version, or that has something else in it: a
/// trigger in a file from somebody else could do anything.
pub(super) fn check(connection: &Connection) -> Result<(), OpenProblem> {
    let found = version(connection)?;
    if found > MIGRATIONS.len() {
        return Err(OpenProblem::Newer);
    }
    let model = Connection::open_in_memory()?;
    for sql in &MIGRATIONS[..found] {
        model.execute_batch(sql)?;
    }
    if objects(connection)? != objects(&model)? {
        return Err(OpenProblem::Damaged("its tables are not those of a post office".to_owned()));
    }
    Ok(())
}

fn objects(connection: &Connection) -> Result<Vec<(String, String)>, rusqlite::Error> {
    connection
        .prepare("SELECT name, ifnull(sql, '') FROM sqlite_schema ORDER BY name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
