INSERT INTO list_import (list_id, head, version, asked, created_at)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
