-- Nothing to do: news have their own number here from the beginning.
SELECT 1;
