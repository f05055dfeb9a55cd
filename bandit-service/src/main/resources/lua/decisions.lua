-- Puts a batch of decisions of ONE stream of ONE experiment on record, once however often it is delivered.
--
-- KEYS  1 epoch  2 version  3 counts  4 outbox  5 streams  6 open  7.. beta of each arm named below
-- ARGV  1 epoch  2 lowest version  3 feedback  4 stream  5 first counter  6 last counter  7 events
--       8.. arm name and number of decisions, in pairs
-- Returns {version, 1 recorded | 2 already on record}, {version, 3, counter} when those up to that counter are and nothing was done, or the
-- fence as in reward.lua.
local ONE = 1000000
local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local version = redis.call('GET', KEYS[2])
if tonumber(version or -1) < tonumber(ARGV[2]) then return {-2, version or ''} end

local last = tonumber(redis.call('HGET', KEYS[5], ARGV[4]) or -1)
if last >= tonumber(ARGV[6]) then return {tonumber(version), 2} end
if last >= tonumber(ARGV[5]) then return {tonumber(version), 3, last} end

local function add(key, micros)
  local before = tonumber(redis.call('GET', key) or '')
  if not before then return end
  local sum = math.floor(before * ONE + 0.5) + micros
  local text = string.format('%.0f', math.floor(sum / ONE))
  local fraction = sum % ONE
  if fraction > 0 then text = text .. string.gsub(string.format('.%06.0f', fraction), '0+$', '') end
  redis.call('SET', key, text)
end
for i = 7, #KEYS do
  local name, count = ARGV[2 * i - 6], tonumber(ARGV[2 * i - 5])
  local shown = tonumber(redis.call('HINCRBY', KEYS[3], 'd:' .. name, count)) * ONE
  if ARGV[3] == 'exposure' then
    local total = tonumber(redis.call('HGET', KEYS[3], 's:' .. name) or 0)
    add(KEYS[i], math.max(shown - total, 0) - math.max(shown - count * ONE - total, 0))
  end
end
redis.call('HSET', KEYS[5], ARGV[4], ARGV[6])
version = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[4], '*', 'v', string.format('%.0f', version), 'e', ARGV[7])
if ARGV[3] == 'window' then redis.call('XADD', KEYS[6], '*', 'e', ARGV[7]) end
return {version, 1}
