-- Who signs with another key since when. What is on its way up to that number was put there before,
-- and is signed with the key that was used then. Keys are told apart by their fingerprints.
CREATE TABLE rotation (
    user TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    former TEXT NOT NULL,
    last INTEGER NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
