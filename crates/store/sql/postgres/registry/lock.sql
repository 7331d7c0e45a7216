-- Until the transaction ends: nobody else changes what is named so, or logs tasks of what is marked so.
SELECT pg_advisory_xact_lock($1, $2)
