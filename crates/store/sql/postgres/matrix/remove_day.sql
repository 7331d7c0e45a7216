DELETE FROM filing_day WHERE period = $1 AND bureau = $2
