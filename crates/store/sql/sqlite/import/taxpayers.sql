INSERT INTO taxpayer (tax_no, name, kind, channel, leqi_mode, bureau, tax_org)
SELECT value ->> 'tax_no', value ->> 'name', value ->> 'kind', value ->> 'channel',
       value ->> 'leqi_mode', value ->> 'bureau', value ->> 'tax_org'
  FROM jsonb_each(?1)
 WHERE true
    ON CONFLICT (tax_no) DO UPDATE
   SET name = excluded.name, kind = excluded.kind, channel = excluded.channel,
       leqi_mode = excluded.leqi_mode, bureau = excluded.bureau, tax_org = excluded.tax_org
