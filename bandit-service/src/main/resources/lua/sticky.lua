-- Gives each unit the arm it already has, or the one offered; a unit's time to live starts with its first decision.
--
-- KEYS  1.. one key a unit
-- ARGV  1 time to live, ms  2.. the offer for each unit
-- Returns what each unit has now, behind a + if that is new.
local result = {}
for i = 1, #KEYS do
  local has = redis.call('GET', KEYS[i])
  if not has then
    redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[1])
  end
  result[i] = has or '+' .. ARGV[i + 1]
end
return result
