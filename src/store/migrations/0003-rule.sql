-- The name of the rule that decided the state.
ALTER TABLE agent_state ADD COLUMN rule TEXT NOT NULL DEFAULT '';
