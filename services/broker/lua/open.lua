-- Makes the journal's state where state or journal is missing, or anew where the caller saw the
-- journal's tail go missing, and returns the epoch.
--
-- KEYS: journal, state. ARGV: epoch for a new journal; the epoch whose tail is lost (or '').
local journal, state = KEYS[1], KEYS[2]
local epoch, lost = ARGV[1], ARGV[2]

local known = redis.call('HMGET', state, 'epoch', 'n')
-- A journal that nothing was ever appended to has no key yet.
if not known[1] or (known[2] ~= '0' and redis.call('EXISTS', journal) == 0) then
  redis.call('DEL', journal, state)
  redis.call('HSET', state, 'epoch', epoch, 'n', '0', 'r', '0', 'b', '0')
  return epoch
end
if known[1] ~= lost then
  return known[1]
end
-- The entries that are left are read again under the new epoch; the counters go on.
-- The HDEL comes first: out of memory, Redis refuses the HSET unless something was deleted before.
redis.call('HDEL', state, 'committed')
redis.call('HSET', state, 'epoch', epoch)
return epoch
