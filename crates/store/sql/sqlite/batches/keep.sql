INSERT INTO batch_request
       (batch_id, state, submitted_by, head, version, tasks, asked, created_at, changed_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT DO NOTHING
