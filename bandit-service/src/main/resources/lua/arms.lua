-- Lays out the posteriors of a definition: prior plus what the counters say each arm has learned. Idempotent.
--
-- KEYS  1 epoch  2 version  3 counts  4 layout  5.. alpha and beta of each arm named below, in pairs
-- ARGV  1 epoch  2 lowest version  3 feedback  4 definition version  5 '1' when these are the last arms of the definition
--       6 prior alpha, millionths  7 prior beta, millionths  8.. arm names
-- Returns {version, 1 laid out | 2 a later definition already is}, or the fence as in reward.lua.
local ONE = 1000000
local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local version = redis.call('GET', KEYS[2])
if tonumber(version or -1) < tonumber(ARGV[2]) then return {-2, version or ''} end
if tonumber(redis.call('GET', KEYS[4]) or 0) > tonumber(ARGV[4]) then return {tonumber(version), 2} end

local function put(key, sum)
  local text = string.format('%.0f', math.floor(sum / ONE))
  local fraction = sum % ONE
  if fraction > 0 then text = text .. string.gsub(string.format('.%06.0f', fraction), '0+$', '') end
  redis.call('SET', key, text)
end
for i = 8, #ARGV do
  local counts = redis.call('HMGET', KEYS[3], 's:' .. ARGV[i], 'n:' .. ARGV[i], 'd:' .. ARGV[i])
  local sum, learned, shown = tonumber(counts[1] or 0), tonumber(counts[2] or 0), tonumber(counts[3] or 0)
  local trials = (ARGV[3] == 'exposure') and shown or learned
  put(KEYS[2 * i - 11], tonumber(ARGV[6]) + sum)
  put(KEYS[2 * i - 10], tonumber(ARGV[7]) + math.max(trials * ONE - sum, 0))
end
if ARGV[5] == '1' then redis.call('SET', KEYS[4], ARGV[4]) end
return {redis.call('INCR', KEYS[2]), 1}
