-- Where an event that was first kept elsewhere comes from: each origin stands in the journal once.
ALTER TABLE events ADD COLUMN origin TEXT;
CREATE UNIQUE INDEX events_by_origin ON events (origin) WHERE origin IS NOT NULL;
