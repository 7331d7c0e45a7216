-- Of the file's structure, and rows whose parents are missing.
SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'
UNION ALL
SELECT 'a row of ' || "table" || ' has no parent in ' || parent FROM pragma_foreign_key_check
