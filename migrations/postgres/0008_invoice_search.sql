-- Newest first, over all and of one buyer. An invoice without a date counts as the oldest.
CREATE INDEX invoice_newest
    ON invoice (coalesce(date, DATE '0001-01-01'), number COLLATE "C", code COLLATE "C", tax_id);
-- On `tax_id + 0`: a plan that is made while the table is empty must not take it for the key (ADR 5).
CREATE INDEX invoice_of_buyer
    ON invoice ((tax_id + 0), coalesce(date, DATE '0001-01-01'), number COLLATE "C",
                code COLLATE "C");
CREATE INDEX taxpayer_org ON taxpayer (tax_org);

-- For what is rare; what is common is found along the newest. No index has `selection`, so that
-- settlements, which change it and its period alone, stay HOT.
CREATE INDEX invoice_number ON invoice (number COLLATE "C");
CREATE INDEX invoice_seller ON invoice (seller_name);
CREATE INDEX invoice_accounting_org ON invoice (accounting_org);
CREATE INDEX invoice_amount ON invoice (amount);
CREATE INDEX invoice_type ON invoice (invoice_type);
CREATE INDEX invoice_status ON invoice (status);
CREATE INDEX invoice_purpose ON invoice (purpose);
CREATE INDEX invoice_entry_state ON invoice (entry_state);
CREATE INDEX invoice_deductible ON invoice (deductible);

-- The names of sellers, which are searched for by any part of them.
CREATE TABLE seller (
    name   text     PRIMARY KEY,
    tenant smallint NOT NULL DEFAULT 1
);
INSERT INTO seller (name) SELECT DISTINCT seller_name FROM invoice WHERE seller_name <> '';
