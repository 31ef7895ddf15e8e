-- Gives what wants to leave by one sender its turn, so that turns are a step apart.
--
-- KEYS[1]  sorted set: who waits -> when his turn is, in ms
-- KEYS[2]  when the next turn is that nobody has
-- KEYS[3]  sorted set: who left within the last window -> when; who has leave and is not known to have left -> until when
--          he may yet leave
-- ARGV     who, now in ms, the step in ms, 1 if he goes now whatever the pace and only moves the others back, how many may
--          leave within a window of so many steps, how long who has leave may take, in ms
--
-- Returns the ms to wait, as text; 0: go. Who waits keeps his turn, so he need only come back once; unless others who
-- were late have just left in his time, or are yet to leave, for then he goes when there is room behind them.
local who, now, step, at_once = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local most, hold = tonumber(ARGV[5]), tonumber(ARGV[6])
local window = most * step

local turn = tonumber(redis.call('ZSCORE', KEYS[1], who) or '-1')
local function take(at)
  turn = at
  local next = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), turn + step)
  redis.call('SET', KEYS[2], string.format('%.3f', next), 'PX', math.ceil(next - now) + 60000)
end
if turn < 0 then
  take(math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), now))
end

if not at_once and turn <= now then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.3f', now - window))
  local left = redis.call('ZCARD', KEYS[3])
  if left >= most then
    local when = tonumber(redis.call('ZRANGE', KEYS[3], left - most, left - most, 'WITHSCORES')[2])
    take(math.min(when, now) + window)
  end
end

if not at_once and turn > now then
  redis.call('ZADD', KEYS[1], string.format('%.3f', turn), who)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)
  return string.format('%.3f', turn - now)
end
redis.call('ZREM', KEYS[1], who)
redis.call('ZADD', KEYS[3], at_once and now or now + hold, who)
redis.call('PEXPIRE', KEYS[3], math.ceil(window + hold))
return '0'
