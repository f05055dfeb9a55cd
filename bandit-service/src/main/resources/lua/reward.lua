-- Counts a batch of outcomes of ONE experiment, each at most once.
--
-- KEYS  1 epoch  2 version  3 counts  4 outbox  5 named (this period)  6 named (last period)  7 named (next period: clocks differ)
--       8.. alpha and beta of each arm named below, in pairs; then seen and value plane of each chunk, in pairs
-- ARGV  1 epoch  2 lowest version  3 now, ms  4 feedback  5 window, ms  6 seconds to remember
--       7 arms A, then A arm names
--       chunks C (no further argument: keys only)
--       outcomes N, then for each: type, arm 1..A, chunk 1..C or 0, offset or digest, decided at in ms, millionths, event
--         type  d  the reward of a decision     n  a reward named by its sender
--               m  the end of a decision's window      x  an exposure named by its sender: a decision that was made elsewhere
-- Returns {version, outbox entry id or '', status of each outcome}
--   status 1 applied, 2 duplicate, 3 conflict, 4 applied late (on record, not learned from), 5 nothing to do
-- or {-1, epoch found} / {-2, version found}: the fence (ADR 6).
-- An arm whose alpha and beta are not laid out is counted all the same: laying out starts from the counters.
--
-- Two bits a decision in the seen plane: 0 open, 1 reward 0, 2 reward 1, 3 see the value plane. Three bytes a decision there:
-- 0..1000000 a reward in millionths; 2000000..3000000 the same, but late; 16777215 the window closed without one.
local unpack = unpack or table.unpack
local ONE, LATE, CLOSED = 1000000, 2000000, 16777215

local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local version = redis.call('GET', KEYS[2])
if tonumber(version or -1) < tonumber(ARGV[2]) then return {-2, version or ''} end

local now, feedback, window, ttl = tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]
local arms = tonumber(ARGV[7])
local at = 8 + arms
local chunks = tonumber(ARGV[at])
local outcomes = tonumber(ARGV[at + 1])
at = at + 2
local first_chunk = 7 + 2 * arms
local function seen_key(chunk) return KEYS[first_chunk + 2 * chunk - 1] end
local function value_key(chunk) return KEYS[first_chunk + 2 * chunk] end

-- What is remembered of every decision in the batch, one BITFIELD a chunk.
local seen, wanted = {}, {}
for c = 1, chunks do seen[c], wanted[c] = {}, {} end
for i = 0, outcomes - 1 do
  local p = at + 7 * i
  local chunk = tonumber(ARGV[p + 2])
  if chunk > 0 and seen[chunk][ARGV[p + 3]] == nil then
    seen[chunk][ARGV[p + 3]] = 0
    table.insert(wanted[chunk], ARGV[p + 3])
  end
end
for c = 1, chunks do
  local get = {}
  for _, offset in ipairs(wanted[c]) do
    table.insert(get, 'GET'); table.insert(get, 'u2'); table.insert(get, '#' .. offset)
  end
  local codes = redis.call('BITFIELD', seen_key(c), unpack(get))
  for i, offset in ipairs(wanted[c]) do
    local code = tonumber(codes[i])
    if code == 1 then seen[c][offset] = {0}
    elseif code == 2 then seen[c][offset] = {ONE}
    elseif code == 3 then
      local o = 3 * tonumber(offset)
      local b1, b2, b3 = string.byte(redis.call('GETRANGE', value_key(c), o, o + 2), 1, 3)
      seen[c][offset] = {b1 * 65536 + b2 * 256 + b3}
    else seen[c][offset] = {} end
  end
end

-- What is remembered of every name in the batch, one HMGET a period.
local named, names = {}, {}
for i = 0, outcomes - 1 do
  local p = at + 7 * i
  if ARGV[p] == 'n' or ARGV[p] == 'x' then table.insert(names, ARGV[p + 3]) end
end
if #names > 0 then
  for k = 5, 7 do
    for i, before in ipairs(redis.call('HMGET', KEYS[k], unpack(names))) do
      if before then named[names[i]] = named[names[i]] or before end
    end
  end
end

local learned, sums, matured, shown, events, statuses = {}, {}, {}, {}, {}, {}
for a = 1, arms do learned[a], sums[a], matured[a], shown[a] = 0, 0, 0, 0 end
local changed, dirty, fresh = false, {}, {}

local function learn(arm, micros)
  learned[arm] = learned[arm] + 1
  sums[arm] = sums[arm] + micros
end
local function emit(kind, event)
  table.insert(events, kind .. event)
  changed = true
end
local function close(arm, event)
  learn(arm, 0)
  matured[arm] = matured[arm] + 1
  emit('M', event)
end
local function remember(chunk, offset, value)
  seen[chunk][offset] = {value}
  dirty[chunk] = dirty[chunk] or {}
  dirty[chunk][offset] = value
end

for i = 0, outcomes - 1 do
  local p = at + 7 * i
  local type, arm, chunk, offset = ARGV[p], tonumber(ARGV[p + 1]), tonumber(ARGV[p + 2]), ARGV[p + 3]
  local decided, micros, event = tonumber(ARGV[p + 4]), tonumber(ARGV[p + 5]), ARGV[p + 6]
  local status
  if type == 'n' or type == 'x' then
    local mine = ((type == 'x') and 'x' or ARGV[p + 5]) .. ' ' .. ARGV[7 + arm]
    local before = named[offset]
    if before then
      status = (before == mine) and 2 or 3
    else
      named[offset] = mine
      table.insert(fresh, offset); table.insert(fresh, mine)
      if type == 'x' then
        shown[arm] = shown[arm] + 1
        emit('D', event)
      else
        learn(arm, micros); emit('R', event)
      end
      status = 1
    end
  else
    local before = seen[chunk][offset][1]
    local closing = feedback == 'window' and decided + window < now
    if type == 'm' then
      status = 5
      if before == nil then
        close(arm, event); remember(chunk, offset, CLOSED)
        status = 1
      end
    elseif before == nil and not closing then
      learn(arm, micros); emit('R', event); remember(chunk, offset, micros)
      status = 1
    elseif before == nil or before == CLOSED then
      if before == nil then close(arm, event) end
      emit('L', event); remember(chunk, offset, LATE + micros)
      status = 4
    elseif before == micros then status = 2
    elseif before == LATE + micros then status = 2
    else status = 3 end
  end
  statuses[i + 1] = status
end

if not changed then return {tonumber(version), '', unpack(statuses)} end

if #fresh > 0 then
  redis.call('HSET', KEYS[5], unpack(fresh))
  redis.call('EXPIRE', KEYS[5], ttl)
end
for c, offsets in pairs(dirty) do
  local set = {}
  for offset, value in pairs(offsets) do
    local code = (value == 0 and 1) or (value == ONE and 2) or 3
    table.insert(set, 'SET'); table.insert(set, 'u2'); table.insert(set, '#' .. offset); table.insert(set, code)
    if code == 3 then
      redis.call('SETRANGE', value_key(c), 3 * tonumber(offset),
        string.char(math.floor(value / 65536), math.floor(value / 256) % 256, value % 256))
      redis.call('EXPIRE', value_key(c), ttl)
    end
  end
  redis.call('BITFIELD', seen_key(c), unpack(set))
  redis.call('EXPIRE', seen_key(c), ttl)
end

local function add(key, micros)
  local before = tonumber(redis.call('GET', key) or '')
  if not before then return end
  local sum = math.floor(before * ONE + 0.5) + micros
  local text = string.format('%.0f', math.floor(sum / ONE))
  local fraction = sum % ONE
  if fraction > 0 then text = text .. string.gsub(string.format('.%06.0f', fraction), '0+$', '') end
  redis.call('SET', key, text)
end
for a = 1, arms do
  local name, alpha, beta = ARGV[7 + a], KEYS[6 + 2 * a], KEYS[7 + 2 * a]
  if learned[a] > 0 then
    redis.call('HINCRBY', KEYS[3], 'n:' .. name, learned[a])
    if matured[a] > 0 then redis.call('HINCRBY', KEYS[3], 'm:' .. name, matured[a]) end
    redis.call('HINCRBY', KEYS[3], 's:' .. name, string.format('%.0f', sums[a]))
    add(alpha, sums[a])
  end
  if shown[a] > 0 then redis.call('HINCRBY', KEYS[3], 'd:' .. name, shown[a]) end
  if feedback ~= 'exposure' then
    if learned[a] > 0 then add(beta, learned[a] * ONE - sums[a]) end
  elseif learned[a] > 0 or shown[a] > 0 then
    local counts = redis.call('HMGET', KEYS[3], 'd:' .. name, 's:' .. name)
    local trials, total = tonumber(counts[1] or 0) * ONE, tonumber(counts[2] or 0)
    add(beta, math.max(trials - total, 0) - math.max(trials - shown[a] * ONE - (total - sums[a]), 0))
  end
end
version = redis.call('INCR', KEYS[2])
local entry = redis.call('XADD', KEYS[4], '*', 'v', string.format('%.0f', version), 'e', table.concat(events))
return {version, entry, unpack(statuses)}
