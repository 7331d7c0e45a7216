INSERT INTO taxpayer (tax_no, name, kind, channel, leqi_mode, bureau, tax_org)
SELECT i.tax_no, i.name, i.kind, i.channel, i.leqi_mode, i.bureau, i.tax_org
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
       i(tax_no, name, kind, channel, leqi_mode, bureau, tax_org)
 ORDER BY i.tax_no
    ON CONFLICT (tax_no) DO UPDATE
   SET name      = excluded.name,
       kind      = excluded.kind,
       channel   = excluded.channel,
       leqi_mode = excluded.leqi_mode,
       bureau    = excluded.bureau,
       tax_org   = excluded.tax_org
