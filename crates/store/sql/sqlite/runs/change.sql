-- Only over the version that was read. The table itself refuses an approval by whoever asked.
UPDATE run_part
   SET state = ?4, task_id = ?5, part = ?6, approver = ?7, version = version + 1, changed_at = ?8
 WHERE run_id = ?1 AND tax_no = ?2 AND version = ?3
