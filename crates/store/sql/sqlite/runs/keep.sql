INSERT INTO run (run_id, person, head, asked, created_at)
VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT DO NOTHING
