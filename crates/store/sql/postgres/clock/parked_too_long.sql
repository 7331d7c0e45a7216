DELETE FROM parked p
 USING (SELECT k.task_id
          FROM parked k
         WHERE k.until <= clock_timestamp()
         ORDER BY k.until
         LIMIT $1
           FOR UPDATE SKIP LOCKED) i
 WHERE p.task_id = i.task_id
RETURNING p.task_id
