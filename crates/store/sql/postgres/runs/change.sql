-- Each only over the version that was read, in key order. The table itself refuses an approval by
-- whoever asked.
UPDATE run_part r
   SET state      = i.state,
       task_id    = i.task_id,
       part       = i.part,
       approver   = i.approver,
       version    = r.version + 1,
       changed_at = clock_timestamp()
  FROM (SELECT *
          FROM unnest($2::text[], $3::int[], $4::text[], $5::uuid[], $6::text[], $7::text[])
               u(tax_no, version, state, task_id, part, approver)
         ORDER BY u.tax_no) i
 WHERE r.run_id = $1 AND r.tax_no = i.tax_no AND r.version = i.version
RETURNING r.tax_no
