-- The clock by which the facts of this transaction were judged.
SELECT statement_timestamp()
