-- Appends messages or commands to the journal and publishes each with its id, all of them or none.
--
-- KEYS: journal, state, and for an adopted message the lease.
-- ARGV: channel, epoch for a new journal, most entries, most bytes, the lease's token (or ''),
--       then for each message its readings' number and its text, for each command 'c' and its text.
-- Returns the epoch and the id of the last entry.
local journal, state, lease = KEYS[1], KEYS[2], KEYS[3]
local channel, epoch = ARGV[1], ARGV[2]
local most_entries, most_bytes, token = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local first_message = 6

local function refuse(code, text)
  return redis.error_reply(code .. ' ' .. text)
end

-- The bytes so far at the first entry: what is left of the journal began there. Nil without one.
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
if lease and holder ~= token then
  return holder and refuse('LEASETAKEN', 'another writer holds the lease')
    or refuse('LEASELOST', 'the lease ran out')
end

local n, r, b, committed = 0, 0, 0, nil
local known = redis.call('HMGET', state, 'epoch', 'n', 'r', 'b', 'committed')
-- A journal that nothing was ever appended to has no key yet.
local there = known[1] and (known[2] == '0' or redis.call('EXISTS', journal) == 1)
if there then
  epoch, committed = known[1], known[5]
  n, r, b = tonumber(known[2]), tonumber(known[3]), tonumber(known[4])
end

local messages, size = (#ARGV - first_message + 1) / 2, 0
for i = first_message + 1, #ARGV, 2 do
  size = size + #ARGV[i]
end

local function fits()
  if not there then
    return messages <= most_entries and size <= most_bytes
  end
  return redis.call('XLEN', journal) + messages <= most_entries
    and b - (bytes_at_start() or b) + size <= most_bytes
end

if not fits() then
  -- What the database has committed is only kept for replays, and yields. The entry at the
  -- position itself stays: it tells a reader that nothing before it is missing.
  if committed then
    redis.call('XTRIM', journal, 'MINID', committed)
  end
  if not committed or not fits() then
    return refuse('JOURNALFULL', 'the journal is at its bound')
  end
end

if not there then
  redis.call('DEL', journal, state)
end

local call, sub = redis.call, string.sub
local head = '{"id":"' .. epoch .. ':'
local id
for i = first_message, #ARGV, 2 do
  local text, kind = ARGV[i + 1], 'm'
  if ARGV[i] == 'c' then kind = 'c' else r = r + tonumber(ARGV[i]) end
  n, b = n + 1, b + #text
  -- Redis writes numbers out in full up to 1e17.
  id = call('XADD', journal, '*', kind, text, 'n', n, 'r', r, 'b', b)
  call('PUBLISH', channel, head .. id .. '",' .. sub(text, 2))
end
call('HSET', state, 'epoch', epoch, 'n', n, 'r', r, 'b', b)
return {epoch, id}
