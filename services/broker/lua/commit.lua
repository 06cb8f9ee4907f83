-- Notes how far the database has taken the journal, and trims what is no longer worth keeping.
--
-- KEYS: journal, state, lease. ARGV: the lease's token, epoch, committed id, entries and bytes to
-- keep for replays. Returns 1, or 0 when the lease or the epoch is not the caller's.
local journal, state, lease = KEYS[1], KEYS[2], KEYS[3]
local token, epoch, committed = ARGV[1], ARGV[2], ARGV[3]
local keep_entries, keep_bytes = tonumber(ARGV[4]), tonumber(ARGV[5])

if redis.call('GET', lease) ~= token or redis.call('HGET', state, 'epoch') ~= epoch then
  return 0
end
-- Out of memory, Redis refuses the HSET unless the script has deleted something before.
redis.call('HDEL', state, 'committed')
redis.call('HSET', state, 'committed', committed)

local entries = redis.call('XLEN', journal)
local first = redis.call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
if not first then
  return 1
end
local start = 0
for i = 1, #first[2], 2 do
  if first[2][i] == 'b' then start = tonumber(first[2][i + 1]) or 0 end
end
local bytes = tonumber(redis.call('HGET', state, 'b')) - start
local surplus = math.max(entries - keep_entries, math.ceil((bytes - keep_bytes) * entries / math.max(bytes, 1)))
if surplus > 0 then
  -- Whole nodes only, which is cheap, and never past the committed entry.
  redis.call('XTRIM', journal, 'MINID', '~', committed, 'LIMIT', surplus)
end
return 1
