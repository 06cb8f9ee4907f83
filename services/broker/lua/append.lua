-- Appends messages or commands to the journal and publishes each with its id: all or none.
--
-- A call of many bytes is only appended. Its entries join the backlog, and announce.lua publishes
-- them in steps. While there is a backlog, every call joins it, so the order stays the journal's.
--
-- KEYS: journal, state, backlog, and for external messages the lease.
-- ARGV: channel, epoch for a new journal, max_entries, max_bytes, max_step_bytes, fencing token
--       (or ''), and then two values for each message or command: its reading count (or 'c' for a
--       command), its text.
-- Returns the epoch, the id of the last entry, and 1 if there is a backlog.
local journal, state, backlog, lease = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local channel, epoch = ARGV[1], ARGV[2]
local max_entries, max_bytes, max_step_bytes = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local fencing_token, first_item = ARGV[6], 7

-- Returns true if the user may not run a command. The command then raises Redis's error.
local function is_refused(...)
  return redis.acl_check_cmd and not redis.acl_check_cmd(...)
end

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
  if not is_sound(stored) then
    return refuse('STATEDAMAGED', 'the state of the journal is damaged')
  end
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

local waiting = redis.call('LINDEX', backlog, 0)
if not fits() then
  -- Committed entries are only kept for replays, so they are trimmed first. The last committed one
  -- stays: it shows a reader that nothing before the next entry is missing. Entries that are not
  -- published yet stay too.
  if committed then
    redis.call('XTRIM', journal, 'MINID', earlier(committed, first_of(waiting)))
  end
  if not committed or not fits() then
    local newest = exists and counters_of(redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1])
    if newest and newest[3] ~= stored[4] then
      return refuse('STATEDAMAGED', 'the state of the journal is damaged')
    end
    return refuse('JOURNALFULL', 'the journal is at its bound')
  end
end

local is_published = not waiting and new_bytes <= max_step_bytes
-- A refusal after the first XADD would leave half of a call. Before Redis 7 it is not known before.
if is_refused('XADD', journal, '*', 'm', '') then redis.call('XADD', journal, '*', 'm', '') end
if is_refused('HSET', state, 'n', '') then redis.call('HSET', state, 'n', '') end
if is_published and is_refused('PUBLISH', channel, '') then redis.call('PUBLISH', channel, '') end
if not is_published and is_refused('RPUSH', backlog, '') then redis.call('RPUSH', backlog, '') end

if not exists then
  -- XLEN raises an error for a key of another program, which must not be deleted.
  redis.call('XLEN', journal)
  redis.call('DEL', journal, state, backlog)
  redis.call('HSET', state, 'epoch', epoch)
  waiting = nil
end

local call, sub = redis.call, string.sub
local head = '{"id":"' .. epoch .. ':'
local first, id
for i = first_item, #ARGV, 2 do
  local text, kind = ARGV[i + 1], 'm'
  if ARGV[i] == 'c' then kind = 'c' else reading_count = reading_count + tonumber(ARGV[i]) end
  sequence, total_bytes = sequence + 1, total_bytes + #text
  -- Redis writes numbers in full up to 1e17.
  id = call('XADD', journal, '*', kind, text, 'n', sequence, 'r', reading_count, 'b', total_bytes)
  first = first or id
  if is_published then call('PUBLISH', channel, head .. id .. '",' .. sub(text, 2)) end
end
call('HSET', state, 'n', sequence, 'r', reading_count, 'b', total_bytes)
if not is_published then
  call('RPUSH', backlog, join_run(0, epoch, first, id, channel))
end
return {epoch, id, is_published and 0 or 1}
