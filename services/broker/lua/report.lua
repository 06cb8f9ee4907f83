-- Keeps the report of a process for others. Among the processes of its kind each has a number, the
-- smallest that is free.
--
-- KEYS: reports. ARGV: kind of process, its token, the report, maximum age of a report in seconds.
-- Returns the number.
local reports = KEYS[1]
local process, token, text, max_age = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

-- They need not survive a restart. So they go neither to the append-only file nor to replicas,
-- which would cost a disk more than the readings do. A stand-in for Redis has no such function.
if redis.set_repl then
  redis.set_repl(redis.REPL_NONE)
end
local now = tonumber(redis.call('TIME')[1])
local stored = redis.call('HGETALL', reports)
local number, taken = nil, {}
for i = 1, #stored, 2 do
  local name, taken_number = string.match(stored[i], '^(%l+) (%d+)$')
  local at, owner = string.match(stored[i + 1], '^(%d+) (%w+) ')
  local age = now - (tonumber(at) or 0)
  if not name or not at or age > max_age or age < -max_age then
    redis.call('HDEL', reports, stored[i])
  elseif name == process and owner == token then
    number = tonumber(taken_number)
  elseif name == process then
    taken[tonumber(taken_number)] = true
  end
end
if not number then
  number = 1
  while taken[number] do number = number + 1 end
end
local field = process .. ' ' .. number
-- Out of memory, Redis refuses the HSET unless the script has deleted something before.
redis.call('HDEL', reports, field)
if text ~= '' then
  redis.call('HSET', reports, field, now .. ' ' .. token .. ' ' .. text)
end
return number
