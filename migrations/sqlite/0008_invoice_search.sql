-- Newest first, over all and of one buyer. An invoice without a date counts as the oldest.
CREATE INDEX invoice_newest ON invoice (coalesce(date, '0001-01-01'), number, code, tax_id);
CREATE INDEX invoice_of_buyer ON invoice (tax_id, coalesce(date, '0001-01-01'), number, code);
CREATE INDEX taxpayer_org ON taxpayer (tax_org);
