UPDATE lane SET paused_by = NULL, paused_reason = NULL, paused_since = NULL WHERE id = ?1
