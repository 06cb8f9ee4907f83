-- Reads state and journal at one moment. Out of memory, Redis refuses every transaction, but not
-- a script that only reads.
--
-- KEYS: journal, state. ARGV: start of a range of entries, maximum number of them.
-- Returns epoch, n, r, b and committed; the first entry; the range; the last entry.
local journal, state = KEYS[1], KEYS[2]
local start, max_entries = ARGV[1], ARGV[2]

return {
  redis.call('HMGET', state, 'epoch', 'n', 'r', 'b', 'committed'),
  redis.call('XRANGE', journal, '-', '+', 'COUNT', 1),
  redis.call('XRANGE', journal, start, '+', 'COUNT', max_entries),
  redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1),
}
