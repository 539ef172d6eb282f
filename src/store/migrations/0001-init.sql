-- What is true of each watched session. Gone ones stay for an hour.
CREATE TABLE agent_state (
  key             TEXT PRIMARY KEY,
  session         TEXT NOT NULL,
  kind            TEXT NOT NULL,
  state           TEXT NOT NULL,
  since           INTEGER,
  reason          TEXT NOT NULL,
  evidence        TEXT NOT NULL,
  attention       TEXT NOT NULL,
  progress        INTEGER NOT NULL,
  progress_source TEXT NOT NULL,
  indicators      TEXT NOT NULL,
  connection      TEXT NOT NULL,
  restarts        INTEGER NOT NULL,
  last_activity   INTEGER,
  pane            TEXT NOT NULL,
  other_panes     TEXT NOT NULL,
  cwd             TEXT NOT NULL,
  title           TEXT NOT NULL,
  dialog          TEXT,
  todos           TEXT NOT NULL,
  machine         TEXT NOT NULL,
  gone_at         INTEGER,
  updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The machines' persisted snapshots. One of another version is not restored.
CREATE TABLE snapshots (
  key     TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  json    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal, which is the outbox too. AUTOINCREMENT: a seq is never used again, deleted or not.
CREATE TABLE events (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  event   TEXT NOT NULL,
  session TEXT NOT NULL,
  body    TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_session ON events (session, seq);
CREATE INDEX events_by_event ON events (event, seq);

-- Who did what to an agent.
CREATE TABLE interaction_log (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  session TEXT NOT NULL,
  source  TEXT NOT NULL,
  action  TEXT NOT NULL,
  detail  TEXT NOT NULL
) STRICT;
CREATE INDEX interaction_log_by_session ON interaction_log (session, id);

-- How far each reader of the outbox has come.
CREATE TABLE cursors (
  consumer TEXT PRIMARY KEY,
  seq      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- epoch names this database; host is where it is written.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
