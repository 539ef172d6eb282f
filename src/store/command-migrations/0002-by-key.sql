-- A session that was renamed keeps what was asked for under its old name.
CREATE INDEX commands_by_key ON commands (key, position);
