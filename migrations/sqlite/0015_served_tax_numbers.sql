-- Whom an account serves; PostgreSQL has it from the beginning.
CREATE INDEX serves_lane ON serves (lane_id);
