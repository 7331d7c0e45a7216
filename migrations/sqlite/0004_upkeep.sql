-- The log is one table here: there is nothing to bring up.
SELECT 1;
