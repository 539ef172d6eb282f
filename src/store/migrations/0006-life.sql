-- One life of the session, whatever its name: one that was renamed keeps what was done to it under its
-- old name. Empty for what is done to no watched session, and in what is there already.
ALTER TABLE interaction_log ADD COLUMN key TEXT NOT NULL DEFAULT '';
CREATE INDEX interaction_log_by_key ON interaction_log (key, id);
