select event_id, kind, arm_id, recorded_at, round(reward * 1000000)::integer as micros
  from bandit_events
 where experiment_id = ? and kind <> 'decision' and event_time >= ?
 order by event_id
