-- Puts other events in the place of all those of a conversation, and adds one, in one step. Only erasing does this.
--
-- KEYS[1]  log, KEYS[2] seen: see append.lua
-- KEYS[3]  view: see snapshot.lua
-- ARGV[1]  channel to publish the new version on
-- ARGV[2]  token of this call
-- ARGV[3]  fold of the snapshot, ARGV[4] the snapshot
-- ARGV[5]  schema of the events
-- ARGV[6]  id of the event that is added
-- ARGV[7…] JSON of the events in their order, that one last
--
-- Returns {1, version}, or {0, version} if the log does not hold as many events as are to be replaced. Versions and ids
-- stay, so appends, followers and repeated webhooks go on as before. The snapshot is replaced, not deleted: whoever has
-- read the old log and folds it still cannot leave an older one.
local log, seen, view = KEYS[1], KEYS[2], KEYS[3]
local version = redis.call('XLEN', log)
if version ~= #ARGV - 7 then
  return {0, version}
end

redis.call('DEL', log, view)
for i = 7, #ARGV do
  redis.call('XADD', log, (i - 6) .. '-0', 'schema', ARGV[5], 'event', ARGV[i])
end
redis.call('HSET', seen, ARGV[6], ARGV[2])
redis.call('HSET', view, 'fold', ARGV[3], 'version', version + 1, 'view', ARGV[4])
redis.call('PUBLISH', ARGV[1], version + 1)
return {1, version + 1}
