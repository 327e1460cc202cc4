//! Statements that are kept ready.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

use super::Result;

/// Changes something, and says how many rows.
pub(super) fn change(connection: &Connection, sql: &str, values: impl Params) -> Result<usize> {
    Ok(connection.prepare_cached(sql)?.execute(values)?)
}

/// The one row that there may be.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>> {
    Ok(connection.prepare_cached(sql)?.query_row(values, read).optional()?)
}

/// All rows.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_map(values, read)?.collect::<rusqlite::Result<_>>()?)
}

/// A number that is always there.
pub(super) fn number(connection: &Connection, sql: &str, values: impl Params) -> Result<i64> {
    Ok(one(connection, sql, values, |row| row.get(0))?.flatten().unwrap_or(0))
}

/// Whether there is such a row.
pub(super) fn is_there(connection: &Connection, sql: &str, values: impl Params) -> Result<bool> {
    Ok(connection.prepare_cached(sql)?.exists(values)?)
}
