-- A lane in which too much waits: its owner does not consume its queue since then.
ALTER TABLE lane ADD COLUMN full_since INTEGER;
CREATE INDEX lane_full ON lane (id) WHERE full_since IS NOT NULL;
