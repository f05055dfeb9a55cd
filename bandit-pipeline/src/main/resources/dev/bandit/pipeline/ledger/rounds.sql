-- Each decision of a period, and what came of it. The period is told twice, so that only its partitions are read of either.
select coalesce(d.unit_id, d.event_id::text) as name, d.arm_id, d.propensity, d.policy, r.reward,
       coalesce(d.event_time + (h.definition ->> 'window')::interval <= ?, true) as closed
  from bandit_events d
  left join bandit_events r
    on r.experiment_id = d.experiment_id and r.event_id = d.event_id and r.event_time = d.event_time and r.kind = 'reward'
   and r.event_time >= ? and r.event_time < ?
  left join experiment_history h on h.experiment_id = d.experiment_id and h.version = d.definition_version
 where d.experiment_id = ? and d.kind = 'decision' and d.event_time >= ? and d.event_time < ?
