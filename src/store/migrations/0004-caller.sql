-- Who asked for it, as the connection or the token proves it; what is there already says so in prose only.
ALTER TABLE interaction_log ADD COLUMN caller TEXT NOT NULL DEFAULT '';
