-- Keeps a snapshot of a view, unless a later one made by the same fold is there already.
--
-- KEYS[1]  hash: fold, version, view
-- ARGV     fold (its fingerprint), version, view (JSON)
--
-- Returns 1 if it was kept. Two programs with different folds replace each other's; readers ignore the other's.
local held = redis.call('HMGET', KEYS[1], 'fold', 'version')
if held[1] == ARGV[1] and tonumber(held[2]) >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'fold', ARGV[1], 'version', ARGV[2], 'view', ARGV[3])
return 1
