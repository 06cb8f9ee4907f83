-- Stores how far the database has committed the journal, and trims committed entries that the
-- replay window has no room for.
--
-- KEYS: journal, state, lease, backlog.
-- ARGV: fencing token, epoch, id of the last committed entry, and the replay window's entries and
--       bytes.
-- Returns 1, or 0 if the caller does not hold the lease or the journal has another epoch.
local journal, state, lease, backlog = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local fencing_token, epoch, committed = ARGV[1], ARGV[2], ARGV[3]
local window_entries, window_bytes = tonumber(ARGV[4]), tonumber(ARGV[5])

if redis.call('GET', lease) ~= fencing_token or redis.call('HGET', state, 'epoch') ~= epoch then
  return 0
end
-- Out of memory, Redis refuses the HSET unless the script has deleted something before.
redis.call('HDEL', state, 'committed')
redis.call('HSET', state, 'committed', committed)

local entries = redis.call('XLEN', journal)
local first = redis.call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
-- Entries of the backlog must stay until they are published; a later call trims.
if not first or redis.call('LLEN', backlog) > 0 then
  return 1
end
local bytes_before = 0
for i = 1, #first[2], 2 do
  if first[2][i] == 'b' then bytes_before = tonumber(first[2][i + 1]) or 0 end
end
local bytes = (tonumber(redis.call('HGET', state, 'b')) or bytes_before) - bytes_before
local surplus_by_bytes = math.ceil((bytes - window_bytes) * entries / math.max(bytes, 1))
local surplus = math.max(entries - window_entries, surplus_by_bytes)
if surplus > 0 then
  -- '~' trims whole nodes only, which is cheap, and never past the committed entry.
  redis.call('XTRIM', journal, 'MINID', '~', committed, 'LIMIT', surplus)
end
return 1
