-- What is known to have been sent, in the order of the holders. What a later reading proved absent counts
-- no more unless it was answered: what was learned before that reading, and whatever is heard of
-- earlier holders, also afterwards. Those after it have sent again.
SELECT s.task_id, s.act, s.fence, min(s.at) AS sent_at,
       (array_agg(s.value ORDER BY s.id DESC) FILTER (WHERE s.proof = 'receipt'))[1] AS receipt,
       (array_agg(s.value ORDER BY s.id DESC) FILTER (WHERE s.proof = 'answer'))[1] AS answer
  FROM submission s
 WHERE s.task_id = ANY ($1::uuid[])
   AND s.proof <> 'absent'
   AND (NOT EXISTS (SELECT 1
                      FROM submission a
                     WHERE a.task_id = s.task_id AND a.act = s.act AND a.proof = 'absent'
                       AND (a.fence > s.fence OR (a.fence = s.fence AND a.id > s.id)))
        OR EXISTS (SELECT 1
                     FROM submission w
                    WHERE w.task_id = s.task_id AND w.act = s.act AND w.fence = s.fence
                      AND w.proof = 'answer'))
 GROUP BY s.task_id, s.act, s.fence
 ORDER BY s.fence, min(s.id)
