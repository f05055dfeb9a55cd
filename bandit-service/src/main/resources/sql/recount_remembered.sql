select event_id, kind, arm_id, recorded_at, round(reward * 1000000)::integer as micros
  from bandit_events
 where experiment_id = ? and event_time >= ?
   and (kind in ('reward', 'late', 'matured')
        or kind = 'decision' and substr(event_id::text, 20, 1) >= '8') -- an exposure named by its sender is remembered like its rewards
 order by event_id
