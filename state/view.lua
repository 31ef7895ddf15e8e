-- Reads what a view is folded from, in one step: the snapshot, and the events from the one it ends with.
--
-- KEYS[1]  log: see append.lua
-- KEYS[2]  hash: fold, version, view; see snapshot.lua
-- ARGV[1]  fold (its fingerprint); a snapshot of any other is left out
--
-- Returns {snapshot or nil, entries of the log from its last event, or from the first one, on}.
local held = redis.call('HMGET', KEYS[2], 'fold', 'version', 'view')
if held[1] ~= ARGV[1] or not held[2] or not held[3] then
  return {false, redis.call('XRANGE', KEYS[1], '-', '+')}
end
return {held[3], redis.call('XRANGE', KEYS[1], held[2] .. '-0', '+')}
