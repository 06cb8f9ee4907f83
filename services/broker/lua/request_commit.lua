-- Asks the writer to commit, unless the database holds the whole journal already.
--
-- KEYS: journal, state. ARGV: channel of the commands.
-- Returns nothing if all is committed; otherwise the epoch and the id of the last entry.
local journal, state = KEYS[1], KEYS[2]
local channel = ARGV[1]

local last = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
local stored = redis.call('HMGET', state, 'epoch', 'committed')
if not last or not stored[1] or stored[2] == last[1] then
  return {}
end
redis.call('PUBLISH', channel, '{"commit":"' .. stored[1] .. ':' .. last[1] .. '"}')
return {stored[1], last[1]}
