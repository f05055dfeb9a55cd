select arm_id,
       count(*) filter (where kind = 'decision') as decisions,
       count(distinct (event_id, event_time)) filter (where kind in ('reward', 'matured')) as learned,
       count(distinct (event_id, event_time)) filter (where kind = 'reward') as rewarded,
       coalesce(sum(round(reward * 1000000)::bigint) filter (where kind = 'reward'), 0)::bigint as micros
  from bandit_events
 where experiment_id = ?
 group by arm_id
