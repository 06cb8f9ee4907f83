-- Functions that several scripts begin with.

-- A run of entries that wait to be published: the time of the next step in milliseconds (0 for at
-- once), the epoch, the start and the last id of the run, and the channel.
local function join_run(due, epoch, start, last, channel)
  return table.concat({due, epoch, start, last, channel}, ' ')
end

-- Returns the parts of a run; nothing for a missing or malformed one.
local function split_run(run)
  return string.match(run or '', '^(%d+) (%w+) (%(?%d+%-%d+) (%d+%-%d+) (.+)$')
end

-- Returns the first id of a run; nil for a missing or malformed one.
local function first_of(run)
  local _, _, start = split_run(run)
  return start and string.gsub(start, '%(', '') or nil
end

-- Returns the smaller of two ids. The second may be nil.
local function earlier(id, other)
  if not other then
    return id
  end
  local a, b = string.match(id, '^(%d+)%-(%d+)$')
  local c, d = string.match(other, '^(%d+)%-(%d+)$')
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  return (a < c or (a == c and b <= d)) and id or other
end

-- Doubles are exact up to 2 ^ 53, which leaves room to count on.
local function is_counter(text)
  return text and #text <= 16 and string.match(text, '^%d+$') and tonumber(text) < 2 ^ 52
end

local function is_epoch(text)
  return text and #text <= 40 and string.match(text, '^[0-9a-z]+$')
end

-- Returns true if epoch, n, r, b and committed are as the scripts write them.
local function is_sound(stored)
  local committed = stored[5]
  return is_epoch(stored[1]) and is_counter(stored[2]) and is_counter(stored[3])
    and is_counter(stored[4]) and (not committed or string.match(committed, '^%d+%-%d+$'))
end

-- Returns n, r and b of an entry, or nil for a missing one and one of another program.
local function counters_of(entry)
  local fields = {}
  for i = 1, entry and #entry[2] or 0, 2 do fields[entry[2][i]] = entry[2][i + 1] end
  if is_counter(fields.n) and is_counter(fields.r) and is_counter(fields.b) then
    return {fields.n, fields.r, fields.b}
  end
  return nil
end
