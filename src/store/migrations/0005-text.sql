-- The beginning of the text that it is about. The session is empty for what is done to none.
ALTER TABLE interaction_log ADD COLUMN text TEXT NOT NULL DEFAULT '';
