select left(event_id::text, 18) as stream, max(event_id::text) as last
  from bandit_events
 where experiment_id = ? and kind = 'decision' and event_time >= ?
   and substr(event_id::text, 20, 1) < '8' -- not named by its sender
 group by 1
