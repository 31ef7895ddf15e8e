-- Moves or removes a due hint, unless somebody wrote it again meanwhile.
--
-- KEYS[1]  the sorted set of hints
-- ARGV     member, the score it was seen with, the new score or "" to remove it
--
-- Returns 1 if it was done, 0 if the hint has another score by now, or is gone.
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
