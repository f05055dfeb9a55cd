-- What this transaction sees, for others to see the same, and from when to when there are decisions.
select pg_export_snapshot(), now(), min(event_time), max(event_time)
  from bandit_events
 where experiment_id = ? and kind = 'decision' and event_time >= ? and event_time < ?
