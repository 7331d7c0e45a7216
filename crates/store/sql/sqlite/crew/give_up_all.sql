UPDATE lane SET owner = NULL WHERE owner = ?1 RETURNING id
