-- Its number. Locked, so that an import beside us is not written over unseen.
SELECT p.id FROM taxpayer p WHERE p.tax_no = $1 FOR NO KEY UPDATE
