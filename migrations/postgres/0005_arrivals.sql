-- What came back to an old place is news too, and places are given long before they can be seen.
-- So each row says which transaction put it there: whoever has looked at all that had ended before
-- a transaction can ask for the rest.
ALTER TABLE waiting ADD COLUMN arrived xid8 NOT NULL DEFAULT pg_current_xact_id();
DROP INDEX waiting_news;
CREATE INDEX waiting_news ON waiting (arrived);
