-- Everything an experiment has learned, as it stands at one moment.
--
-- KEYS  1 epoch  2 version  3 counts  4 outbox  5 layout  6.. alpha and beta of each arm
-- ARGV  1 epoch  2 lowest version  3 '1' to add what is in the outbox  4 definition version
-- Returns {version, {counter, value, ..}, {alpha, beta, ..} with '' for what is not laid out, {events of each outbox entry}}, or the fence, or
-- {-3, layout found} when the definition is not laid out yet.
local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local version = redis.call('GET', KEYS[2])
if tonumber(version or -1) < tonumber(ARGV[2]) then return {-2, version or ''} end

local layout = redis.call('GET', KEYS[5])
if tonumber(layout or 0) < tonumber(ARGV[4]) then return {-3, layout or ''} end

local parameters, pending = {}, {}
for i = 6, #KEYS do parameters[i - 5] = redis.call('GET', KEYS[i]) or '' end
if ARGV[3] == '1' then
  for i, entry in ipairs(redis.call('XRANGE', KEYS[4], '-', '+')) do
    for f = 1, #entry[2], 2 do
      if entry[2][f] == 'e' then pending[#pending + 1] = entry[2][f + 1] end
    end
  end
end
return {tonumber(version), redis.call('HGETALL', KEYS[3]), parameters, pending}
