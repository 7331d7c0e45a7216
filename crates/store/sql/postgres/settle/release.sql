-- Both keys are free.
DELETE FROM running r
 WHERE r.task_id = ANY ($1::uuid[])
