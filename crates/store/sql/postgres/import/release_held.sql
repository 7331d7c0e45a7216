-- Tasks that were held for want of an account go to the first lane of the import that serves
-- them and may receive, at the place they got when they were logged. `due`: their time has come.
WITH ready AS (
    DELETE FROM held h
     USING (SELECT p.id AS tax_id, (array_agg(l.id ORDER BY i.n))[1] AS lane_id
              FROM unnest($1::text[], $2::int[], $3::text[])
                   WITH ORDINALITY i(tax_no, bureau, account, n)
              JOIN taxpayer p USING (tax_no)
              JOIN lane l ON l.bureau = i.bureau AND l.account = i.account
              JOIN serves v ON v.tax_id = p.id AND v.lane_id = l.id
                           AND v.may && ARRAY['receive', 'both']
             GROUP BY p.id) s
     WHERE h.tax_id = s.tax_id
    RETURNING h.task_id, s.lane_id, h.tax_id, h.class, h.place, h.since,
              CASE WHEN h.run_at > clock_timestamp() THEN h.run_at END AS run_at),
queued AS (
    INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since, run_at)
    SELECT r.task_id, r.lane_id, r.tax_id, r.class, r.place, r.since, r.run_at FROM ready r)
SELECT r.task_id, r.lane_id, r.run_at IS NULL AS due, l.bureau, l.account, l.channel
  FROM ready r
  JOIN lane l ON l.id = r.lane_id
