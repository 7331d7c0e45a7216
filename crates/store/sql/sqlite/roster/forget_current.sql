-- Nobody knows which tax number the account is on.
UPDATE lane SET current_tax_id = NULL WHERE id = ?1
