select left(event_id::text, 18) as stream, max(event_id::text) as last
  from bandit_events
 where experiment_id = ? and kind = 'decision' and event_time >= ?
 group by 1
