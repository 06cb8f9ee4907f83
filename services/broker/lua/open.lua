-- Returns the journal's epoch. Creates the journal if a part of it is missing, and gives it a new
-- epoch if its newest entries are lost.
--
-- KEYS: journal, state. ARGV: epoch for a new journal; the epoch that lost entries (or '').
local journal, state = KEYS[1], KEYS[2]
local new_epoch, lost_epoch = ARGV[1], ARGV[2]

local stored = redis.call('HMGET', state, 'epoch', 'n')
local epoch, last_sequence = stored[1], stored[2]
-- A journal without any append has no stream yet.
if not epoch or (last_sequence ~= '0' and redis.call('EXISTS', journal) == 0) then
  redis.call('DEL', journal, state)
  redis.call('HSET', state, 'epoch', new_epoch, 'n', '0', 'r', '0', 'b', '0')
  return new_epoch
end
if epoch ~= lost_epoch then
  return epoch
end
-- The remaining entries are read again under the new epoch; the counters go on.
-- Out of memory, Redis refuses the HSET unless the script has deleted something before.
redis.call('HDEL', state, 'committed')
redis.call('HSET', state, 'epoch', new_epoch)
return new_epoch
