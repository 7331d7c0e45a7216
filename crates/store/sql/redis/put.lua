-- Keeps a reading unless one with a higher order stands there. KEYS[1]: the key.
-- ARGV: the reading as JSON, its order, when it is over in milliseconds since 1970.
local kept = redis.call('GET', KEYS[1])
if kept then
    local readable, reading = pcall(cjson.decode, kept)
    if readable and type(reading) == 'table' and (tonumber(reading.order) or 0) > tonumber(ARGV[2]) then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[3])
return 1
