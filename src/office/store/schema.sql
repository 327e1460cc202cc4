-- What the post office knows. Moments are whole seconds since 1970.
--
-- What one table says because of another is kept by the triggers at the end, so that nothing can
-- forget it: whatever nothing refers to any more is gone.

-- A server: https://social.example.
CREATE TABLE host (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    -- The part of its name that somebody has registered.
    domain TEXT NOT NULL,
    -- When it first took a message. Until then it only gets answers to follows.
    proven INTEGER,
    -- How often in a row it could not be reached, since when, and why at last.
    failures INTEGER NOT NULL DEFAULT 0,
    failing INTEGER,
    last_error TEXT,
    last_ok INTEGER,
    -- When it may be tried again.
    until INTEGER NOT NULL DEFAULT 0,
    -- The form of signatures that it wants.
    form INTEGER NOT NULL DEFAULT 0,
    -- How many follow from it.
    followers INTEGER NOT NULL DEFAULT 0,
    -- When there is something to send to it.
    due INTEGER
) STRICT;
CREATE INDEX host_domain ON host (domain);
CREATE INDEX host_due ON host (due) WHERE due IS NOT NULL;
CREATE INDEX host_failing ON host (failing) WHERE failing IS NOT NULL;

-- Where messages go: to one actor, or to all on a server.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY,
    host INTEGER NOT NULL REFERENCES host,
    uri TEXT NOT NULL UNIQUE,
    -- When it may be tried again.
    until INTEGER NOT NULL DEFAULT 0,
    -- When it first said that it is gone for good (410).
    gone INTEGER,
    -- When it first refused, and how often since.
    refused INTEGER,
    refusals INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_host ON inbox (host);

-- An actor of another server who follows, or to whom an answer is on its way.
CREATE TABLE remote (
    id INTEGER PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    inbox INTEGER NOT NULL REFERENCES inbox,
    shared INTEGER REFERENCES inbox,
    keys BLOB NOT NULL,
    fetched INTEGER NOT NULL
) STRICT;
CREATE INDEX remote_inbox ON remote (inbox);
CREATE INDEX remote_shared ON remote (shared);

CREATE TABLE follower (
    user TEXT NOT NULL,
    remote INTEGER NOT NULL REFERENCES remote,
    -- The id of the follow, and when it was signed.
    follow TEXT NOT NULL,
    at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    -- When the answer was put into the queue.
    answered INTEGER,
    -- Since when nothing is sent to them, for it would not arrive.
    parked INTEGER,
    PRIMARY KEY (user, remote)
) STRICT, WITHOUT ROWID;
CREATE INDEX follower_remote ON follower (remote);

-- Follows that were taken back, for a follow may arrive after that. Actor and follow are only
-- compared, so there are hashes of them.
CREATE TABLE retracted (
    id INTEGER PRIMARY KEY,
    user TEXT NOT NULL,
    actor BLOB NOT NULL,
    follow BLOB,
    at INTEGER NOT NULL,
    UNIQUE (actor, user)
) STRICT;

-- The posts of the site as the followers know them.
CREATE TABLE post (
    user TEXT NOT NULL,
    uri TEXT NOT NULL,
    -- When it had been changed, as it was last sent; nothing when it never was.
    updated INTEGER,
    state INTEGER NOT NULL,
    -- When its first message was made, and its last.
    since INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user, uri)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_at ON post (user, at);

-- What the site said of a user when it was last looked at.
CREATE TABLE site (
    user TEXT PRIMARY KEY,
    -- Nothing before the first index was read.
    serial INTEGER,
    profile TEXT,
    looked INTEGER NOT NULL,
    problem TEXT
) STRICT, WITHOUT ROWID;

-- A message that is on its way. Numbers are never used twice: they say which key signs it.
CREATE TABLE activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user TEXT NOT NULL,
    uri TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    -- The id of the post that it is about.
    post TEXT,
    -- Whose follow it answers.
    addressee INTEGER REFERENCES remote,
    body TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX activity_post ON activity (post) WHERE post IS NOT NULL;
CREATE INDEX activity_addressee ON activity (addressee);
CREATE INDEX activity_created ON activity (created);

-- That it has to go to an inbox. Numbers are never used twice: somebody may be sending it.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    activity INTEGER NOT NULL REFERENCES activity ON DELETE CASCADE,
    -- That of the inbox.
    host INTEGER NOT NULL REFERENCES host,
    inbox INTEGER NOT NULL REFERENCES inbox,
    is_shared INTEGER NOT NULL,
    -- Not before; nothing while it waits for the server to be proven.
    due INTEGER,
    tries INTEGER NOT NULL DEFAULT 0,
    UNIQUE (activity, inbox)
) STRICT;
CREATE INDEX delivery_host ON delivery (host);
CREATE INDEX delivery_due ON delivery (host, due);
CREATE INDEX delivery_inbox ON delivery (inbox);

CREATE TABLE reaction (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    actor TEXT NOT NULL,
    post TEXT NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX reaction_actor ON reaction (actor);
CREATE INDEX reaction_post ON reaction (post);

-- Who may not follow: the id of an actor, or the name of a host, which stands for all below it.
CREATE TABLE block (
    value TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is left of how often a server may be asked for a key, as JSON.
CREATE TABLE budget (
    server TEXT PRIMARY KEY,
    share TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('followers', 0);

CREATE TRIGGER follower_added AFTER INSERT ON follower BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'followers';
    UPDATE host SET followers = followers + 1 WHERE id =
        (SELECT inbox.host FROM remote JOIN inbox ON inbox.id = remote.inbox
         WHERE remote.id = new.remote);
END;

CREATE TRIGGER follower_removed AFTER DELETE ON follower BEGIN
    UPDATE counter SET value = value - 1 WHERE name = 'followers';
    UPDATE host SET followers = followers - 1 WHERE id =
        (SELECT inbox.host FROM remote JOIN inbox ON inbox.id = remote.inbox
         WHERE remote.id = old.remote);
    DELETE FROM remote WHERE id = old.remote
        AND NOT EXISTS (SELECT 1 FROM follower WHERE remote = old.remote)
        AND NOT EXISTS (SELECT 1 FROM activity WHERE addressee = old.remote);
END;

CREATE TRIGGER answer_removed AFTER DELETE ON activity WHEN old.addressee IS NOT NULL BEGIN
    DELETE FROM remote WHERE id = old.addressee
        AND NOT EXISTS (SELECT 1 FROM follower WHERE remote = old.addressee)
        AND NOT EXISTS (SELECT 1 FROM activity WHERE addressee = old.addressee);
END;

CREATE TRIGGER remote_removed AFTER DELETE ON remote BEGIN
    DELETE FROM inbox WHERE id IN (old.inbox, old.shared)
        AND NOT EXISTS (SELECT 1 FROM remote WHERE remote.inbox = inbox.id)
        AND NOT EXISTS (SELECT 1 FROM remote WHERE remote.shared = inbox.id)
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.inbox = inbox.id);
END;

CREATE TRIGGER remote_moved AFTER UPDATE OF inbox, shared ON remote BEGIN
    DELETE FROM inbox WHERE id IN (old.inbox, old.shared)
        AND NOT EXISTS (SELECT 1 FROM remote WHERE remote.inbox = inbox.id)
        AND NOT EXISTS (SELECT 1 FROM remote WHERE remote.shared = inbox.id)
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.inbox = inbox.id);
END;

CREATE TRIGGER inbox_removed AFTER DELETE ON inbox BEGIN
    DELETE FROM host WHERE id = old.host
        AND NOT EXISTS (SELECT 1 FROM inbox WHERE host = old.host);
END;

CREATE TRIGGER delivery_added AFTER INSERT ON delivery BEGIN
    UPDATE host SET due = max(until, (SELECT min(due) FROM delivery WHERE host = new.host))
        WHERE id = new.host;
END;

CREATE TRIGGER delivery_moved AFTER UPDATE OF due ON delivery BEGIN
    UPDATE host SET due = max(until, (SELECT min(due) FROM delivery WHERE host = new.host))
        WHERE id = new.host;
END;

CREATE TRIGGER delivery_removed AFTER DELETE ON delivery BEGIN
    UPDATE host SET due = max(until, (SELECT min(due) FROM delivery WHERE host = old.host))
        WHERE id = old.host;
    DELETE FROM activity WHERE id = old.activity
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE activity = old.activity);
    DELETE FROM inbox WHERE id = old.inbox
        AND NOT EXISTS (SELECT 1 FROM remote WHERE inbox = old.inbox)
        AND NOT EXISTS (SELECT 1 FROM remote WHERE shared = old.inbox)
        AND NOT EXISTS (SELECT 1 FROM delivery WHERE inbox = old.inbox);
END;

CREATE TRIGGER host_waits AFTER UPDATE OF until ON host BEGIN
    UPDATE host SET due = max(until, (SELECT min(due) FROM delivery WHERE host = new.id))
        WHERE id = new.id;
END;

CREATE TRIGGER host_proven AFTER UPDATE OF proven ON host
    WHEN old.proven IS NULL AND new.proven IS NOT NULL
BEGIN
    UPDATE delivery SET due = new.proven WHERE host = new.id AND due IS NULL;
END;
