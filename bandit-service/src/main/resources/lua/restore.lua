-- One write of a rebuild; it happens only while this rebuild, and no later one, has the state closed.
--
-- KEYS  1 epoch  2 what is written
-- ARGV  1 the epoch of the rebuild  2 what to do: unlink, set, setex, hset, expire or xadd  3.. with what
-- Returns {1}, or {-1, epoch found}.
local unpack = unpack or table.unpack
local epoch = redis.call('GET', KEYS[1])
if epoch ~= ARGV[1] then return {-1, epoch or ''} end
local verb = ARGV[2]
if verb == 'unlink' then redis.call('UNLINK', KEYS[2])
elseif verb == 'set' then redis.call('SET', KEYS[2], ARGV[3])
elseif verb == 'setex' then redis.call('SETEX', KEYS[2], ARGV[3], ARGV[4])
elseif verb == 'hset' then redis.call('HSET', KEYS[2], unpack(ARGV, 3))
elseif verb == 'expire' then redis.call('EXPIRE', KEYS[2], ARGV[3])
elseif verb == 'xadd' then redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
else return redis.error_reply('restore.lua does not know ' .. verb) end
return {1}
