-- Publishes the next entries of the backlog, in the journal's order.
--
-- The backlog is a list of runs of entries. Before the first one stands the time at which the next
-- step may begin, so that several callers together publish no faster than one.
--
-- KEYS: journal, backlog. ARGV: max_bytes, max_entries, milliseconds between two steps.
-- Returns the milliseconds until the next step, or -1 if the backlog is empty.
local journal, backlog = KEYS[1], KEYS[2]
local max_bytes, max_entries, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

local due = split_run(redis.call('LINDEX', backlog, 0))
local wait = due and tonumber(due) - now or 0
-- A longer wait means that the clock was set back.
if wait > 0 and wait <= pause then
  return wait
end

local _, epoch, first, last, channel
local bytes, entries = 0, 0
while bytes < max_bytes and entries < max_entries do
  local entry = first and redis.call('XRANGE', journal, first, last, 'COUNT', 1)[1]
  if entry then
    local text = entry[2][2]
    redis.call('PUBLISH', channel, '{"id":"' .. epoch .. ':' .. entry[1] .. '",' .. string.sub(text, 2))
    first = '(' .. entry[1]
    bytes, entries = bytes + #text, entries + 1
  else
    local run = redis.call('LPOP', backlog)
    if not run then
      return -1
    end
    _, epoch, first, last, channel = split_run(run)
  end
end
-- Out of memory, Redis accepts this because the script has removed the run before.
redis.call('LPUSH', backlog, join_run(string.format('%.0f', now + pause), epoch, first, last, channel))
return pause
