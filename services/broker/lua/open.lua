-- Returns the journal's epoch. Creates the journal if a part of it is missing, gives it a new epoch
-- if its newest entries are lost, and repairs a state that another program has written to.
--
-- KEYS: journal, state, backlog. ARGV: epoch for a new journal; the epoch that lost entries (or '').
-- Returns the epoch, and 1 if the state was repaired.
local journal, state, backlog = KEYS[1], KEYS[2], KEYS[3]
local new_epoch, lost_epoch = ARGV[1], ARGV[2]

-- Entries to search for counters, from the newest one on. Those of other tools have none.
local max_searched = 100

local function create()
  -- XLEN raises an error for a key of another program, which must not be deleted.
  redis.call('XLEN', journal)
  redis.call('DEL', journal, state, backlog)
  redis.call('HSET', state, 'epoch', new_epoch, 'n', '0', 'r', '0', 'b', '0')
end

-- Returns n, r and b of the newest entry that has them, or nil.
local function newest_counters(max_entries)
  for _, entry in ipairs(redis.call('XREVRANGE', journal, '+', '-', 'COUNT', max_entries)) do
    local counters = counters_of(entry)
    if counters then return counters end
  end
  return nil
end

-- Out of memory, Redis refuses the HSET unless the script has deleted something before.
local function set(name, value)
  redis.call('HDEL', state, name)
  redis.call('HSET', state, name, value)
end

local stored = redis.call('HMGET', state, 'epoch', 'n', 'r', 'b', 'committed')
local epoch, last_sequence = stored[1], stored[2]
-- A journal without any append has no stream yet.
if not epoch or (last_sequence ~= '0' and redis.call('EXISTS', journal) == 0) then
  create()
  return {new_epoch, 0}
end

local is_damaged, is_lost = not is_sound(stored), epoch == lost_epoch
local counters = newest_counters(is_damaged and max_searched or 1)
if is_damaged and not counters then
  create()
  return {new_epoch, 1}
end
-- Too many bytes would let the journal seem full for ever.
local wrong_bytes = counters and stored[4] ~= counters[3]
for i, name in ipairs({'n', 'r', 'b'}) do
  if not is_counter(stored[i + 1]) or (name == 'b' and wrong_bytes) then
    set(name, counters[i])
  end
end
if is_damaged or is_lost then
  redis.call('HDEL', state, 'committed')
end
if is_lost or not is_epoch(epoch) then
  -- The remaining entries are read again under the new epoch; the counters go on.
  if counters and tonumber(counters[1]) > tonumber(redis.call('HGET', state, 'n')) then
    set('n', counters[1])
    set('r', counters[2])
  end
  redis.call('DEL', backlog)
  set('epoch', new_epoch)
  epoch = new_epoch
end
return {epoch, (is_damaged or wrong_bytes) and 1 or 0}
