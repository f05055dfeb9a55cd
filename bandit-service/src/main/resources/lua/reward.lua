-- Counts a batch of outcomes of ONE experiment, each at most once.
--
-- KEYS  1 epoch  2 version  3 counts  4 outbox  5 named (this period)  6 named (last period)  7 named (next period: clocks differ)
--       8.. alpha and beta of each arm named below, in pairs; then seen and value plane of each chunk, in pairs
-- ARGV  1 epoch  2 lowest version  3 feedback  4 seconds to remember
--       5 arms A, then A arm names
--       chunks C (no further argument: keys only)
--       groups G, then for each what its outcomes have in common: type, arm 1..A, chunk 1..C or 0
--         type  d  the reward of a decision     l  the same, after the decision's window    m  the end of a decision's window
--               n  a reward named by its sender
--               x  an exposure named by its sender: a decision that was made elsewhere
--       outcomes, as many as there are: group 1..G, '#' and the decision's offset in its chunk, or digest of the name, or 0, millionths, event
-- Returns {version, outbox entry id or '', status of each outcome}
--   status 1 applied, 2 duplicate, 3 conflict, 4 applied late (on record, not learned from), 5 nothing to do
-- or {-1, epoch found} / {-2, version found}: the fence (ADR 6).
-- An arm whose alpha and beta are not laid out is counted all the same: laying out starts from the counters.
--
-- Two bits a decision in the seen plane: 0 open, 1 reward 0, 2 reward 1, 3 see the value plane. Three bytes a decision there:
-- 0..1000000 a reward in millionths; 2000000..3000000 the same, but late; 16777215 the window closed without one.
--
-- Redis has one thread, and this is what it does with it: few arguments, and no number or text made that is not needed.
local unpack = unpack or table.unpack
local ONE, LATE, CLOSED, OPEN = 1000000, 2000000, 16777215, -1

local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local version = redis.call('GET', KEYS[2])
if tonumber(version or -1) < tonumber(ARGV[2]) then return {-2, version or ''} end

local feedback, ttl, arms = ARGV[3], ARGV[4], tonumber(ARGV[5])
local chunks, groups = tonumber(ARGV[6 + arms]), tonumber(ARGV[7 + arms])
local first_chunk = 7 + 2 * arms
local function seen_key(chunk) return KEYS[first_chunk + 2 * chunk - 1] end
local function value_key(chunk) return KEYS[first_chunk + 2 * chunk] end
local type_of, arm_of, chunk_of = {}, {}, {}
for g = 1, groups do
  local p = 5 + arms + 3 * g
  type_of[g], arm_of[g], chunk_of[g] = ARGV[p], tonumber(ARGV[p + 1]), tonumber(ARGV[p + 2])
end
local first, last = 8 + arms + 3 * groups, #ARGV

-- What is remembered of every decision in the batch, one BITFIELD a chunk; and of every name, one HMGET a period.
local seen, wanted, asked, named, names, count = {}, {}, {}, {}, {}, 0
for c = 1, chunks do seen[c], wanted[c], asked[c] = {}, {}, 0 end
for p = first, last, 4 do
  local chunk, id = chunk_of[tonumber(ARGV[p])], ARGV[p + 1]
  if chunk == 0 then
    if id ~= '0' then
      count = count + 1
      names[count] = id
    end
  elseif not seen[chunk][id] then
    seen[chunk][id] = OPEN
    local get, n = wanted[chunk], asked[chunk]
    get[n + 1], get[n + 2], get[n + 3] = 'GET', 'u2', id
    asked[chunk] = n + 3
  end
end
local function offset_of(id) return 3 * tonumber(string.sub(id, 2)) end
for c = 1, chunks do
  local get, mine = wanted[c], seen[c]
  for i, code in ipairs(redis.call('BITFIELD', seen_key(c), unpack(get))) do
    if code ~= 0 then
      local id = get[3 * i]
      if code == 3 then
        local o = offset_of(id)
        local b1, b2, b3 = string.byte(redis.call('GETRANGE', value_key(c), o, o + 2), 1, 3)
        mine[id] = b1 * 65536 + b2 * 256 + b3
      else
        mine[id] = (code - 1) * ONE
      end
    end
  end
end
for k = 5, 7 do
  if count > 0 and redis.call('EXISTS', KEYS[k]) == 1 then
    for i, before in ipairs(redis.call('HMGET', KEYS[k], unpack(names))) do
      if before then named[names[i]] = named[names[i]] or before end
    end
  end
end

local learned, sums, matured, shown = {}, {}, {}, {}
for a = 1, arms do learned[a], sums[a], matured[a], shown[a] = 0, 0, 0, 0 end
local events, emitted, statuses, dirty, fresh, new = {}, 0, {}, {}, {}, 0

local function learn(arm, micros)
  learned[arm] = learned[arm] + 1
  sums[arm] = sums[arm] + micros
end
local function emit(kind, event)
  events[emitted + 1], events[emitted + 2] = kind, event
  emitted = emitted + 2
end
local function close(arm, event)
  learn(arm, 0)
  matured[arm] = matured[arm] + 1
  emit('M', event)
end
local function remember(chunk, id, value)
  seen[chunk][id] = value
  dirty[chunk] = dirty[chunk] or {}
  dirty[chunk][id] = value
end

for p = first, last, 4 do
  local group, id = tonumber(ARGV[p]), ARGV[p + 1]
  local type, arm, chunk = type_of[group], arm_of[group], chunk_of[group]
  local event, status = ARGV[p + 3], nil
  if type == 'o' then
    emit('O', event)
    status = 1
  elseif chunk == 0 then
    local mine = ((type == 'x') and 'x' or ARGV[p + 2]) .. ' ' .. ARGV[5 + arm]
    local before = named[id]
    if before then
      status = (before == mine) and 2 or 3
    else
      named[id] = mine
      fresh[new + 1], fresh[new + 2] = id, mine
      new = new + 2
      if type == 'x' then
        shown[arm] = shown[arm] + 1
        emit('D', event)
      else
        learn(arm, tonumber(ARGV[p + 2])); emit('R', event)
      end
      status = 1
    end
  else
    local before = seen[chunk][id]
    if type == 'm' then
      status = 5
      if before == OPEN then
        close(arm, event); remember(chunk, id, CLOSED)
        status = 1
      end
    else
      local micros = tonumber(ARGV[p + 2])
      if before == OPEN and type == 'd' then
        learn(arm, micros); emit('R', event); remember(chunk, id, micros)
        status = 1
      elseif before == OPEN or before == CLOSED then
        if before == OPEN then close(arm, event) end
        emit('L', event); remember(chunk, id, LATE + micros)
        status = 4
      elseif before == micros or before == LATE + micros then status = 2
      else status = 3 end
    end
  end
  statuses[(p - first) / 4 + 1] = status
end

if emitted == 0 then return {tonumber(version), '', unpack(statuses)} end

if new > 0 then
  redis.call('HSET', KEYS[5], unpack(fresh))
  redis.call('EXPIRE', KEYS[5], ttl)
end
for c, values in pairs(dirty) do
  local set, n, valued = {}, 0, false
  for id, value in pairs(values) do
    local code = (value == 0 and '1') or (value == ONE and '2') or '3'
    set[n + 1], set[n + 2], set[n + 3], set[n + 4] = 'SET', 'u2', id, code
    n = n + 4
    if code == '3' then
      valued = true
      redis.call('SETRANGE', value_key(c), offset_of(id),
        string.char(math.floor(value / 65536), math.floor(value / 256) % 256, value % 256))
    end
  end
  if valued then redis.call('EXPIRE', value_key(c), ttl) end
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
  local name, alpha, beta = ARGV[5 + a], KEYS[6 + 2 * a], KEYS[7 + 2 * a]
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
