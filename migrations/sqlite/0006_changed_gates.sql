-- A worker asks for those of its own lanes that changed. One writer: `version` counts on in the order
-- of the commits.
DROP INDEX lane_owned;
CREATE INDEX lane_owned ON lane (owner, version) WHERE owner IS NOT NULL;
