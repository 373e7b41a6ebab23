-- Written by snapshot.py from the migrations. Do not edit.
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE name (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL, filed INTEGER NOT NULL,
    listed INTEGER NOT NULL
) STRICT;
CREATE TABLE raw (
    no INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, content_type TEXT NOT NULL,
    packed INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, source_no INTEGER NOT NULL, id TEXT NOT NULL,
    type_no INTEGER NOT NULL, subject TEXT, time INTEGER NOT NULL, observed INTEGER,
    recorded INTEGER NOT NULL, expires INTEGER, lon REAL, lat REAL, handling_no INTEGER NOT NULL,
    connector_no INTEGER NOT NULL, keys TEXT, doc INTEGER, raw_no INTEGER, pointer TEXT,
    changes TEXT, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_identity ON event (source_no, id);
CREATE INDEX event_stream ON event (source_no, type_no, time);
CREATE TABLE stream (
    source_no INTEGER NOT NULL, type_no INTEGER NOT NULL, PRIMARY KEY (source_no, type_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_key (
    kind_no INTEGER NOT NULL, value ANY NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (kind_no, value, time, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE key (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE key_fts USING fts5(value, content='', tokenize='trigram', detail='none');
CREATE TABLE event_text (
    doc INTEGER PRIMARY KEY, time INTEGER NOT NULL, seq INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE event_fts USING fts5(
    text, content='event_text', content_rowid='doc', tokenize='unicode61'
);
CREATE TABLE latest (
    type_no INTEGER NOT NULL, subject TEXT NOT NULL, time INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (type_no, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX latest_time ON latest (type_no, time, seq);
CREATE TABLE checkpoint (source_no INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE position (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source_no INTEGER NOT NULL, received INTEGER NOT NULL,
    headers TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_source ON inbox (source_no);
CREATE TABLE delivered (
    source_no INTEGER NOT NULL, dedupe TEXT NOT NULL, inbox_id INTEGER NOT NULL,
    PRIMARY KEY (source_no, dedupe)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, stage TEXT NOT NULL,
    raw BLOB NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, connector TEXT NOT NULL,
    hub_version TEXT NOT NULL, received INTEGER NOT NULL, attempts INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letter_state ON dead_letter (state, source);
CREATE TABLE asset (
    source TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
    seen INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (source, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_kind ON asset (kind, state);
CREATE TABLE assured (source TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
    id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER, reason TEXT NOT NULL, filled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX gap_open ON gap (source) WHERE "end" IS NULL;
CREATE INDEX gap_start ON gap (start);
CREATE TABLE hot_list_edition (
    no INTEGER PRIMARY KEY AUTOINCREMENT, hot_list TEXT NOT NULL,
    current INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE hot_list_entry (
    edition INTEGER NOT NULL, no INTEGER NOT NULL, plate TEXT NOT NULL, region TEXT, reason TEXT,
    expires INTEGER, PRIMARY KEY (edition, no)
) STRICT, WITHOUT ROWID;
CREATE TABLE media (
    source TEXT NOT NULL, handle TEXT NOT NULL, sha256 TEXT NOT NULL, content_type TEXT NOT NULL,
    kept INTEGER NOT NULL, PRIMARY KEY (source, handle)
) STRICT, WITHOUT ROWID;
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, who TEXT NOT NULL,
    at INTEGER NOT NULL, what TEXT NOT NULL
) STRICT;
CREATE INDEX note_kind ON note (kind, id);
CREATE TABLE instance (
	id VARCHAR NOT NULL, 
	connector VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	config JSON NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	synthetic BOOLEAN NOT NULL, 
	created BIGINT NOT NULL, 
	created_by VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE rule (
	id VARCHAR NOT NULL, 
	document VARCHAR NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	changed BIGINT NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE hot_list (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	changed BIGINT NOT NULL, 
	severity VARCHAR NOT NULL, 
	share_unverified BOOLEAN NOT NULL, 
	entries INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE channel (
	id VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	include_details BOOLEAN NOT NULL, 
	min_severity VARCHAR NOT NULL, 
	enabled BOOLEAN NOT NULL, source VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE alert (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	rule VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	raised BIGINT NOT NULL, 
	occurred BIGINT NOT NULL, 
	point JSON, 
	events JSON NOT NULL, 
	state VARCHAR NOT NULL, 
	verification VARCHAR NOT NULL, 
	hot_list VARCHAR, 
	dedupe VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	history JSON NOT NULL
);
CREATE INDEX alert_state ON alert (state, id);
CREATE INDEX alert_dedupe ON alert (dedupe, state);
CREATE TABLE outgoing (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel VARCHAR NOT NULL, 
	alert INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	created BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_try BIGINT NOT NULL, 
	state VARCHAR NOT NULL, 
	error VARCHAR
, receipt VARCHAR);
CREATE INDEX outgoing_alert ON outgoing (alert);
CREATE TABLE deed (
	id VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	parameters JSON NOT NULL, 
	requested_by VARCHAR NOT NULL, 
	asked BIGINT NOT NULL, 
	outcome VARCHAR, 
	done BIGINT, 
	reference VARCHAR, 
	detail VARCHAR, 
	PRIMARY KEY (id)
);
CREATE INDEX deed_asked ON deed (asked);
CREATE INDEX outgoing_due ON outgoing (state, channel, next_try);
CREATE INDEX note_name ON note (kind, who, json_extract(what, '$.name'), id) WHERE json_extract(what, '$.name') IS NOT NULL;
INSERT INTO head VALUES (1, 0, 0, 0);
INSERT INTO alembic_version VALUES ('0003');
