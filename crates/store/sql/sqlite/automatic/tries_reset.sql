-- What an unfinished run has chosen stays: its batch is made of it.
DELETE FROM automatic_try AS t
 WHERE t.rule_id = ?1
   AND (?2 IS NULL OR t.at = ?2)
   AND (?3 IS NULL
        OR t.tax_id = (SELECT p.id FROM taxpayer p WHERE p.tax_no = ?3)
           AND t.number = ?4 AND t.code = ?5)
   AND NOT EXISTS (SELECT 1
                     FROM automatic_run r
                    WHERE r.rule_id = t.rule_id AND r.at = t.at AND r.state <> 'ended')
