-- Asks the writer to commit, unless the database holds the whole journal already.
--
-- KEYS: journal, state, stream of the requests.
-- Returns nothing if all is committed; otherwise the epoch and the id of the last entry.
local journal, state, requests = KEYS[1], KEYS[2], KEYS[3]

local last = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
local stored = redis.call('HMGET', state, 'epoch', 'committed')
if not last or not stored[1] or stored[2] == last[1] then
  return {}
end
-- Out of memory, Redis refuses the XADD unless the script has deleted something before.
redis.call('XTRIM', requests, 'MAXLEN', 0)
redis.call('XADD', requests, '*', 'epoch', stored[1], 'entry', last[1])
return {stored[1], last[1]}
