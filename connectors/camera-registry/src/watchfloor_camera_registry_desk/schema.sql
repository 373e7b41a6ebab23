-- The registration desk's one file. Times are seconds since 1970 in UTC.

CREATE TABLE IF NOT EXISTS registrations (
    id           TEXT PRIMARY KEY,         -- what the hub knows the camera by
    submission   TEXT NOT NULL UNIQUE,     -- the form's own number: sent twice, it is one
    name         TEXT NOT NULL,
    email        TEXT NOT NULL,
    site_kind    TEXT NOT NULL,
    address      TEXT NOT NULL,
    latitude     REAL NOT NULL,
    longitude    REAL NOT NULL,
    looks_at     TEXT NOT NULL,
    heading_deg  REAL,
    kept_days    INTEGER,
    level        TEXT NOT NULL,
    text_version TEXT NOT NULL,            -- of the words that were agreed to
    given        INTEGER NOT NULL,         -- when the form was sent
    confirmed    INTEGER                   -- when the link in the letter was followed
) STRICT;

-- Links in letters, by the hash of what they are called. Without an end they are for ever.
CREATE TABLE IF NOT EXISTS links (
    hash         BLOB PRIMARY KEY,
    purpose      TEXT NOT NULL,
    registration TEXT NOT NULL REFERENCES registrations ON DELETE CASCADE,
    request      TEXT REFERENCES requests ON DELETE CASCADE,
    ends         INTEGER
) STRICT;

-- Requests for footage. Nothing in them is about the owner.
CREATE TABLE IF NOT EXISTS requests (
    reference    TEXT PRIMARY KEY,         -- made by the hub: sent twice, it is one
    camera       TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    case_number  TEXT NOT NULL,
    reason       TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    window_end   INTEGER NOT NULL,
    state        TEXT NOT NULL,
    asked        INTEGER NOT NULL,
    sent         INTEGER,                  -- when the letter had left
    answered     INTEGER
) STRICT;

CREATE INDEX IF NOT EXISTS requests_by_case ON requests (case_number);

-- Letters that have not left yet.
CREATE TABLE IF NOT EXISTS letters (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    registration TEXT NOT NULL REFERENCES registrations ON DELETE CASCADE,
    request      TEXT REFERENCES requests ON DELETE CASCADE,
    subject      TEXT NOT NULL,
    body         TEXT NOT NULL,
    made         INTEGER NOT NULL,
    tries        INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL
) STRICT;

-- That somebody withdrew, and when; not who.
CREATE TABLE IF NOT EXISTS withdrawals (at INTEGER NOT NULL) STRICT;

-- Who asked what became of a case's requests, and why.
CREATE TABLE IF NOT EXISTS questions (
    at          INTEGER NOT NULL,
    requester   TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    case_number TEXT NOT NULL,
    reason      TEXT NOT NULL
) STRICT;
