-- The moment of the start, and which of these marks some append has.
-- The order counts: the keys are held, then the clock (statement_timestamp() stands before
-- anything here is run), then this look, then the snapshot of claim/give_back. An append that
-- took its time before ours had its mark before: either it still has, or it is committed and seen.
-- One that comes after the look takes its time after ours. So the lock is let go of at once: nobody
-- ever waits for a claim here, and a stopped one stops no append.
SELECT statement_timestamp(),
       ARRAY(SELECT i.mark
               FROM unnest($2::int[]) i(mark)
              WHERE NOT CASE WHEN pg_try_advisory_lock($1, i.mark)
                             THEN pg_advisory_unlock($1, i.mark)
                             ELSE false END)
