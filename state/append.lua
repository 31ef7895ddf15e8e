-- Appends events to one conversation, each id once, in one step.
--
-- KEYS[1]  log: a stream; the entry of the n-th event has the id n-0, so the length is the version
-- KEYS[2]  seen: a hash, event id -> token of the call that added it
-- ARGV[1]  channel to publish the new version on
-- ARGV[2]  version the decision was made on, or "" for plain facts
-- ARGV[3]  token of this call; a retry by the Redis client carries the same one
-- ARGV[4]  schema of the events
-- ARGV[5]  histories (replication ids) to one of which alone this may be appended, or ""
-- ARGV[6…] id, JSON, id, JSON, …
--
-- Returns {1, version, ids of ARGV that this call added…}, {0, version} if the version is not the expected one, or
-- {2, version} if the history is another.
-- Events seen before do not conflict: when none is new, the append took place earlier and has nothing left to do.
local log, seen = KEYS[1], KEYS[2]
local channel, expected, token, schema, histories = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local version = redis.call('XLEN', log)

if histories ~= '' then
  local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  if not string.find(histories, history, 1, true) then
    return {2, version}
  end
end

local reply, fresh, marks = {1, version}, {}, {}
if #ARGV >= 6 then
  local asked, at, known = {'HMGET', seen}, {}, {}
  for i = 6, #ARGV, 2 do
    asked[#asked + 1] = ARGV[i]
    at[#at + 1] = i
  end
  for n, holder in ipairs(redis.call(unpack(asked))) do
    local id = ARGV[at[n]]
    -- By the token, so that a retry after a lost reply gets the answer the first attempt would have given.
    if holder == token or not holder then
      reply[#reply + 1] = id
    end
    if not holder and not known[id] then
      known[id] = true  -- the same id may stand twice in one call
      fresh[#fresh + 1] = at[n]
      marks[#marks + 1] = id
      marks[#marks + 1] = token
    end
  end
end
if #fresh == 0 then
  return reply
end
if expected ~= '' and tonumber(expected) ~= version then
  return {0, version}
end

redis.call('HSET', seen, unpack(marks))
for _, i in ipairs(fresh) do
  version = version + 1
  redis.call('XADD', log, version .. '-0', 'schema', schema, 'event', ARGV[i + 1])
end
redis.call('PUBLISH', channel, version)
reply[2] = version
return reply
