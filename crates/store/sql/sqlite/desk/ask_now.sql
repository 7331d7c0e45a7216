-- What nobody asks about is due now.
UPDATE running
   SET ask_at = min(ask_at, ?2)
 WHERE task_id IN (SELECT unhex(value) FROM json_each(?1))
   AND worker IS NULL AND ask_at IS NOT NULL
   AND lane_id NOT IN (SELECT g.id FROM lane_gate g WHERE g.needs_person)
RETURNING task_id
