-- Everything that was asked to be typed. Ended commands stay for a week.
CREATE TABLE commands (
  position        INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  session         TEXT NOT NULL,
  -- One life of the session, and the pane that typing is serialised by.
  key             TEXT NOT NULL,
  lane            TEXT NOT NULL,
  target          TEXT NOT NULL,
  command         TEXT NOT NULL,
  act             TEXT NOT NULL,
  -- Answers and interrupts (0) are served before text that is not to wait (1), and that before the rest (2).
  rank            INTEGER NOT NULL,
  source          TEXT NOT NULL,
  send_when       TEXT NOT NULL,
  status          TEXT NOT NULL CHECK (
    status IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'expired', 'cancelled')
  ),
  evidence        TEXT NOT NULL,
  attempts        INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  started_at      INTEGER,
  finished_at     INTEGER,
  expires_at      INTEGER NOT NULL,
  error           TEXT,
  retry_of        TEXT,
  resolution      TEXT,
  idempotency_key TEXT UNIQUE,
  body_hash       TEXT
) STRICT;
CREATE INDEX commands_by_session ON commands (session, position);
CREATE INDEX commands_waiting ON commands (lane, rank, position) WHERE status = 'queued';
CREATE INDEX commands_by_expiry ON commands (expires_at) WHERE status = 'queued';
CREATE INDEX commands_sending ON commands (position) WHERE status = 'sending';
CREATE INDEX commands_by_end ON commands (finished_at) WHERE finished_at IS NOT NULL;

-- What the journal is still to be told, written in the transaction that made it true.
CREATE TABLE pending_events (
  position   INTEGER PRIMARY KEY AUTOINCREMENT,
  command_id TEXT NOT NULL,
  occasion   TEXT NOT NULL CHECK (occasion IN ('queued', 'final', 'resolved')),
  at         INTEGER NOT NULL,
  event      TEXT NOT NULL,
  session    TEXT NOT NULL,
  body       TEXT NOT NULL,
  UNIQUE (command_id, occasion)
) STRICT;
