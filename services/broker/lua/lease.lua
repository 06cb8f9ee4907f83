-- Takes, renews or releases the writer's lease. A holder of the same identity is a dead one:
-- whoever asks has the database's lock, so nobody else can be writing it.
--
-- KEYS: lease. ARGV: identity, token, milliseconds (0 to release it).
-- Returns 1 when the caller holds the lease, else 0.
local lease = KEYS[1]
local identity, token, milliseconds = ARGV[1], ARGV[2], tonumber(ARGV[3])

local held, mine = redis.call('GET', lease), identity .. ' ' .. token
if milliseconds == 0 then
  if held == mine then
    redis.call('DEL', lease)
  end
  return 0
end
if held and string.sub(held, 1, #identity + 1) ~= identity .. ' ' then
  return 0
end
-- Out of memory, Redis refuses the SET unless the script has deleted something before.
redis.call('DEL', lease)
redis.call('SET', lease, mine, 'PX', milliseconds)
return 1
