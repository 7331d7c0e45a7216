-- `?3`: only a person can log it in. What is known of the session is newer than the file.
INSERT INTO account (lane_id, login, needs_person, online)
VALUES (?1, ?2, ?3 AND NOT ?4, ?4)
    ON CONFLICT (lane_id) DO UPDATE
   SET login = excluded.login,
       needs_person = NOT online AND (?3 OR (needs_person AND login = excluded.login))
