-- Appends messages or commands to the journal and publishes each with its id: all or none.
--
-- KEYS: journal, state, and for external messages the lease.
-- ARGV: channel, epoch for a new journal, max_entries, max_bytes, fencing token (or ''), and then
--       two values for each message or command: its reading count (or 'c' for a command), its text.
-- Returns the epoch and the id of the last entry.
local journal, state, lease = KEYS[1], KEYS[2], KEYS[3]
local channel, epoch = ARGV[1], ARGV[2]
local max_entries, max_bytes, fencing_token = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local first_item = 6

local function refuse(code, text)
  return redis.error_reply(code .. ' ' .. text)
end

-- Returns the bytes up to the first entry, or nil without one. The byte bound counts from there.
local function bytes_at_start()
  local first = redis.call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
  if not first then
    return nil
  end
  for i = 1, #first[2], 2 do
    if first[2][i] == 'b' then return tonumber(first[2][i + 1]) or 0 end
  end
  return 0
end

local holder = lease and redis.call('GET', lease)
if lease and holder ~= fencing_token then
  return holder and refuse('LEASETAKEN', 'another writer holds the lease')
    or refuse('LEASELOST', 'the lease has expired')
end

local sequence, reading_count, total_bytes, committed = 0, 0, 0, nil
local stored = redis.call('HMGET', state, 'epoch', 'n', 'r', 'b', 'committed')
-- A journal without any append has no stream yet.
local exists = stored[1] and (stored[2] == '0' or redis.call('EXISTS', journal) == 1)
if exists then
  epoch, committed = stored[1], stored[5]
  sequence, reading_count = tonumber(stored[2]), tonumber(stored[3])
  total_bytes = tonumber(stored[4])
end

local new_entries, new_bytes = (#ARGV - first_item + 1) / 2, 0
for i = first_item + 1, #ARGV, 2 do
  new_bytes = new_bytes + #ARGV[i]
end

local function fits()
  if not exists then
    return new_entries <= max_entries and new_bytes <= max_bytes
  end
  return redis.call('XLEN', journal) + new_entries <= max_entries
    and total_bytes - (bytes_at_start() or total_bytes) + new_bytes <= max_bytes
end

if not fits() then
  -- Committed entries are only kept for replays, so they are trimmed first. The last committed one
  -- stays: it shows a reader that nothing before the next entry is missing.
  if committed then
    redis.call('XTRIM', journal, 'MINID', committed)
  end
  if not committed or not fits() then
    return refuse('JOURNALFULL', 'the journal is at its bound')
  end
end

if not exists then
  redis.call('DEL', journal, state)
end

local call, sub = redis.call, string.sub
local head = '{"id":"' .. epoch .. ':'
local id
for i = first_item, #ARGV, 2 do
  local text, kind = ARGV[i + 1], 'm'
  if ARGV[i] == 'c' then kind = 'c' else reading_count = reading_count + tonumber(ARGV[i]) end
  sequence, total_bytes = sequence + 1, total_bytes + #text
  -- Redis writes numbers in full up to 1e17.
  id = call('XADD', journal, '*', kind, text, 'n', sequence, 'r', reading_count, 'b', total_bytes)
  call('PUBLISH', channel, head .. id .. '",' .. sub(text, 2))
end
call('HSET', state, 'epoch', epoch, 'n', sequence, 'r', reading_count, 'b', total_bytes)
return {epoch, id}
