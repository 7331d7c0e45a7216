-- What is rare and looked for has an index of those rows alone. No index may have `selection`,
-- `purpose` or `entry_state`, which settlements change; a column made from one of them keeps its
-- value when both the old and the new one are usual, and such an update stays HOT. PostgreSQL writes the
-- table anew for these columns, which locks it meanwhile: migrate a large pool when nobody works.
ALTER TABLE invoice
    ADD COLUMN pre_selected    boolean NOT NULL GENERATED ALWAYS AS (selection = 'pre_selected') STORED,
    ADD COLUMN rebate          boolean NOT NULL
        GENERATED ALWAYS AS (purpose IS NOT DISTINCT FROM 'rebate') STORED,
    ADD COLUMN entry_withdrawn boolean NOT NULL GENERATED ALWAYS AS (entry_state = 'withdrawn') STORED;
CREATE INDEX invoice_pre_selected
    ON invoice (coalesce(date, DATE '0001-01-01'), number COLLATE "C", code COLLATE "C", tax_id)
 WHERE pre_selected;
CREATE INDEX invoice_rebate
    ON invoice (coalesce(date, DATE '0001-01-01'), number COLLATE "C", code COLLATE "C", tax_id)
 WHERE rebate;
CREATE INDEX invoice_entry_withdrawn
    ON invoice (coalesce(date, DATE '0001-01-01'), number COLLATE "C", code COLLATE "C", tax_id)
 WHERE entry_withdrawn;

-- An organisation's newest are read in their order, and not all of them sorted.
DROP INDEX invoice_accounting_org;
CREATE INDEX invoice_of_accounting_org
    ON invoice (accounting_org, coalesce(date, DATE '0001-01-01'), number COLLATE "C",
                code COLLATE "C", tax_id);
