-- Whose life has come to an end: they say nothing more, and nobody can follow them.
CREATE TABLE retired (
    user TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    -- The actor whom followers are to follow instead.
    target TEXT
) STRICT, WITHOUT ROWID;
