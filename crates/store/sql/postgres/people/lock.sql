-- Two changes at once could each leave the other's as the last administrator.
LOCK TABLE person IN SHARE ROW EXCLUSIVE MODE
