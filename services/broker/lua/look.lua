-- Looks at state and journal at one moment, also when Redis is out of memory: it then refuses
-- every transaction, but not a script that only reads.
--
-- KEYS: journal, state. ARGV: the start of a range of entries, the most of them.
-- Returns epoch, n and r; the first entry; the range; and the last entry.
local journal, state = KEYS[1], KEYS[2]

return {
  redis.call('HMGET', state, 'epoch', 'n', 'r'),
  redis.call('XRANGE', journal, '-', '+', 'COUNT', 1),
  redis.call('XRANGE', journal, ARGV[1], '+', 'COUNT', ARGV[2]),
  redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1),
}
