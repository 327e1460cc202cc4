-- Who signs with another key since when. Messages up to that number were put into the queue before,
-- and are signed with the key that was used then. Keys are told apart by their fingerprints.
CREATE TABLE rotation (
    user TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    former TEXT NOT NULL,
    last INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
