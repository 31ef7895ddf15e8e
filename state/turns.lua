-- Gives what wants to leave by one sender its turn, so that turns are a step apart.
--
-- KEYS[1]  sorted set: who waits -> when his turn is, in ms
-- KEYS[2]  when the next turn is that nobody has
-- ARGV     who, now in ms, the step in ms, 1 if he goes now whatever the pace and only moves the others back
--
-- Returns the ms to wait, as text; 0: go. Who waits keeps his turn, so he need only come back once.
local now, step = tonumber(ARGV[2]), tonumber(ARGV[3])
local turn = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '-1')
if turn < 0 then
  turn = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), now)
  redis.call('SET', KEYS[2], string.format('%.3f', turn + step), 'PX', math.ceil(turn + step - now) + 60000)
  if turn > now and ARGV[4] ~= '1' then
    redis.call('ZADD', KEYS[1], string.format('%.3f', turn), ARGV[1])
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
  end
elseif turn <= now or ARGV[4] == '1' then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
if turn <= now or ARGV[4] == '1' then
  return '0'
end
return string.format('%.3f', turn - now)
