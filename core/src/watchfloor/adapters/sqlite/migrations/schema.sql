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
, handling VARCHAR DEFAULT 'cji' NOT NULL, sources JSON DEFAULT '[""]' NOT NULL);
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
	detail VARCHAR, person VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX deed_asked ON deed (asked);
CREATE INDEX outgoing_due ON outgoing (state, channel, next_try);
CREATE INDEX note_name ON note (kind, who, json_extract(what, '$.name'), id) WHERE json_extract(what, '$.name') IS NOT NULL;
CREATE INDEX event_raw ON event (raw_no) WHERE raw_no IS NOT NULL;
CREATE TABLE deletion_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL) STRICT;
CREATE TABLE deletion_receipt (
    no INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, source TEXT NOT NULL,
    rule TEXT NOT NULL, schedule INTEGER NOT NULL, before INTEGER NOT NULL, count INTEGER NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL, begun INTEGER NOT NULL, ended INTEGER,
    frontier BLOB NOT NULL, root BLOB
) STRICT;
CREATE INDEX deletion_receipt_open ON deletion_receipt (kind, source) WHERE root IS NULL;
CREATE TABLE deletion_leaves (
    receipt INTEGER NOT NULL, first INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL, at INTEGER NOT NULL, entries BLOB NOT NULL,
    PRIMARY KEY (receipt, first)
) STRICT;
CREATE INDEX deletion_leaves_time ON deletion_leaves (source, kind, newest, oldest);
CREATE TABLE media_doomed (sha256 TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE retention_schedule (
	version INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	document VARCHAR NOT NULL, 
	proposed BIGINT NOT NULL, 
	proposed_by VARCHAR NOT NULL, 
	approved BIGINT, 
	approved_by VARCHAR
, proposer VARCHAR, approver VARCHAR);
CREATE TABLE hold (
	id VARCHAR NOT NULL, 
	case_number VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	approver VARCHAR NOT NULL, 
	made BIGINT NOT NULL, 
	expires BIGINT NOT NULL, 
	what JSON NOT NULL, 
	released BIGINT, 
	released_by VARCHAR, let_go BIGINT, let_go_by VARCHAR, extensions JSON DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE intel_record (
	id VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	activity VARCHAR NOT NULL, 
	suspicion VARCHAR NOT NULL, 
	offence VARCHAR NOT NULL, 
	submitter VARCHAR NOT NULL, 
	agency VARCHAR NOT NULL, 
	control_official VARCHAR NOT NULL, 
	sensitivity VARCHAR NOT NULL, 
	confidence VARCHAR NOT NULL, 
	entered BIGINT NOT NULL, 
	entered_by VARCHAR NOT NULL, 
	review_by BIGINT NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE intel_review (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	record VARCHAR NOT NULL, 
	reviewer VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, 
	review_by BIGINT NOT NULL
);
CREATE INDEX intel_review_record ON intel_review (record);
CREATE TABLE intel_dissemination (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	record VARCHAR NOT NULL, 
	recipient VARCHAR NOT NULL, 
	agency VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	released_by VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	version INTEGER NOT NULL
);
CREATE INDEX intel_dissemination_record ON intel_dissemination (record);
CREATE TABLE intel_notice (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	dissemination INTEGER NOT NULL, 
	record VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	words VARCHAR NOT NULL, 
	made BIGINT NOT NULL, 
	sent BIGINT
);
CREATE INDEX intel_notice_waiting ON intel_notice (sent, id);
CREATE TABLE lease (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	source VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	connector VARCHAR NOT NULL, 
	fingerprint VARCHAR NOT NULL, 
	process INTEGER NOT NULL, 
	since BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	times INTEGER NOT NULL, 
	until BIGINT, 
	ended VARCHAR
);
CREATE INDEX lease_open ON lease (until, source, process);
CREATE INDEX lease_credential ON lease (source, name, last);
CREATE TABLE credential_term (
	owner VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	expires BIGINT, 
	said BIGINT, 
	said_by VARCHAR, 
	overlap_until BIGINT, 
	PRIMARY KEY (owner, name)
);
CREATE TABLE charge (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at BIGINT NOT NULL, 
	source VARCHAR NOT NULL, 
	offer VARCHAR NOT NULL, 
	request VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	cents BIGINT NOT NULL, 
	currency VARCHAR NOT NULL, 
	emergency BOOLEAN NOT NULL, 
	outcome VARCHAR
);
CREATE INDEX charge_month ON charge (source, at);
CREATE INDEX charge_at ON charge (at);
CREATE INDEX charge_request ON charge (request);
CREATE TABLE budget (
	source VARCHAR NOT NULL, 
	cents BIGINT, 
	currency VARCHAR NOT NULL, 
	lookups INTEGER, 
	each_cents BIGINT NOT NULL, 
	changed BIGINT NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	PRIMARY KEY (source)
);
CREATE TABLE request (
	id VARCHAR NOT NULL, 
	opened BIGINT NOT NULL, 
	opened_by VARCHAR NOT NULL, 
	opener VARCHAR NOT NULL, 
	worker VARCHAR, 
	state VARCHAR NOT NULL, 
	due BIGINT, 
	tie_by BIGINT, 
	review_due BIGINT, 
	untold BOOLEAN NOT NULL, 
	purpose VARCHAR NOT NULL, 
	agency VARCHAR, 
	channel VARCHAR NOT NULL, 
	outcome VARCHAR, 
	case_number VARCHAR, 
	call_number VARCHAR, 
	order_number VARCHAR, 
	body BLOB NOT NULL, texts_since BIGINT, 
	PRIMARY KEY (id)
);
CREATE INDEX request_state ON request (state, id);
CREATE INDEX request_opened ON request (opened);
CREATE INDEX request_call ON request (call_number, opened_by);
CREATE TABLE request_number (
	year INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (year)
);
CREATE TABLE past_outcome (
	import VARCHAR NOT NULL, 
	opened BIGINT NOT NULL, 
	outcome VARCHAR, 
	purpose VARCHAR, 
	agency VARCHAR, 
	channel VARCHAR
);
CREATE INDEX past_outcome_opened ON past_outcome (opened);
CREATE TABLE agency (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	ori VARCHAR, 
	state VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE approval (
	id VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	what VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	asked BIGINT NOT NULL, 
	asked_by VARCHAR NOT NULL, 
	asker VARCHAR NOT NULL, 
	expires BIGINT NOT NULL, 
	request VARCHAR, 
	answer VARCHAR, 
	answered BIGINT, 
	answered_by VARCHAR, 
	answerer VARCHAR, 
	note VARCHAR NOT NULL, shown VARCHAR DEFAULT '' NOT NULL, used BIGINT, 
	PRIMARY KEY (id)
);
CREATE INDEX approval_asked ON approval (asked_by, digest);
CREATE TABLE session (
	id VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	under VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE service_token (
	id VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	holder VARCHAR NOT NULL, 
	permission VARCHAR NOT NULL, 
	source VARCHAR, 
	made BIGINT NOT NULL, 
	made_by VARCHAR NOT NULL, 
	until BIGINT NOT NULL, 
	revoked BIGINT, 
	revoked_by VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE local_account (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	salt VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	rounds INTEGER NOT NULL, 
	made BIGINT NOT NULL, 
	made_by VARCHAR NOT NULL, 
	enabled BIGINT, 
	enabled_by VARCHAR, 
	until BIGINT, 
	failures INTEGER NOT NULL, 
	removed BIGINT, maker VARCHAR DEFAULT '' NOT NULL, used BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE review_item (
	id VARCHAR NOT NULL, 
	week VARCHAR NOT NULL, 
	why VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	handle VARCHAR NOT NULL, 
	agency VARCHAR NOT NULL, 
	words VARCHAR NOT NULL, 
	records JSON NOT NULL, 
	raised BIGINT NOT NULL, 
	due BIGINT NOT NULL, 
	verdict VARCHAR, 
	"by" VARCHAR, 
	reviewer VARCHAR, 
	at BIGINT, 
	note VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX review_item_due ON review_item (verdict, due);
CREATE TABLE review_draw (
	id VARCHAR NOT NULL, 
	root VARCHAR NOT NULL, 
	size BIGINT NOT NULL, 
	looks INTEGER NOT NULL, 
	drawn INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE staff_subject (
	id VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	relation VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE gathering (
	id VARCHAR NOT NULL, 
	west FLOAT NOT NULL, 
	south FLOAT NOT NULL, 
	east FLOAT NOT NULL, 
	north FLOAT NOT NULL, 
	since BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX request_texts ON request (texts_since);
CREATE TABLE vendor_look (
	id VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	pulled BIGINT NOT NULL, 
	user VARCHAR, 
	organisation VARCHAR, 
	case_number VARCHAR, 
	record VARCHAR, 
	"key" VARCHAR, 
	says JSON NOT NULL, 
	sealed JSON NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX vendor_look_at ON vendor_look (source, at);
CREATE TABLE vendor_log (
	id VARCHAR NOT NULL, 
	until BIGINT NOT NULL, 
	compared BIGINT NOT NULL, 
	tried BIGINT NOT NULL, 
	rows INTEGER NOT NULL, 
	fields JSON NOT NULL, 
	problem VARCHAR, 
	detail VARCHAR NOT NULL, visited BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE sharing_setting (
	id VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	found VARCHAR, 
	since BIGINT NOT NULL, 
	looked BIGINT NOT NULL, 
	approved VARCHAR, 
	approved_at BIGINT, 
	approved_by VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE known_handle (
	id VARCHAR NOT NULL, 
	handle VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	seen BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO head VALUES (1, 0, 0, 0);
INSERT INTO alembic_version VALUES ('0019');
