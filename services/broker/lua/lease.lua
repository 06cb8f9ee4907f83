-- Acquires, renews or releases a lease. Its key holds the fencing token: owner, space, token.
--
-- KEYS: lease. ARGV: action, owner, token, milliseconds until the lease expires.
-- Returns 1 if the caller holds the lease now, otherwise 0.
local lease = KEYS[1]
local action, owner, token, milliseconds = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])

local holder, caller = redis.call('GET', lease), owner .. ' ' .. token
if action == 'release' then
  if holder == caller then
    redis.call('DEL', lease)
  end
  return 0
end
if holder and holder ~= caller then
  -- Only one process lives under an owner's name, so another holder of this name is dead.
  local is_dead = string.sub(holder, 1, #owner + 1) == owner .. ' '
  if action ~= 'acquire' or not is_dead then
    return 0
  end
end
-- Out of memory, Redis refuses the SET unless the script has deleted something before.
redis.call('DEL', lease)
redis.call('SET', lease, caller, 'PX', milliseconds)
return 1
