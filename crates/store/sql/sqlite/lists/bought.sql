-- What the pool has under these numbers, whoever bought it.
SELECT i.key AS n, p.tax_no AS buyer, v.accounting_org,
       v.number, v.code, v.invoice_type, v.date, v.amount, v.tax, v.status, v.risk, v.selection,
       v.period, v.special_kind, h.task_id AS held_by
  FROM jsonb_each(?1) i
 CROSS JOIN invoice v
    ON v.number = i.value ->> 'number' AND v.code = i.value ->> 'code'
 CROSS JOIN taxpayer p ON p.id = v.tax_id
  LEFT JOIN invoice_hold h
    ON h.tax_id = v.tax_id AND h.number = v.number AND h.code = v.code
 ORDER BY i.key, p.tax_no
