UPDATE lane SET paused_by = ?2, paused_reason = ?3, paused_since = ?4 WHERE id = ?1
