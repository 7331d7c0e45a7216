-- Lanes, in key order; a known one keeps its gates and gets the width that is asked for.
INSERT INTO lane (bureau, account, channel, width)
SELECT i.bureau, i.account, i.channel, i.width
  FROM unnest($1::int[], $2::text[], $3::text[], $4::smallint[]) i(bureau, account, channel, width)
 ORDER BY i.bureau, i.account
    ON CONFLICT (bureau, account) DO UPDATE
   SET width = excluded.width, changed = pg_current_xact_id()
