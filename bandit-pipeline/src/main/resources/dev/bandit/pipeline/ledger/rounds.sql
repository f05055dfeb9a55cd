-- Each decision of a period, and what came of it, as of a moment. The period is told twice, so that only its partitions are read of either.
-- A window may be changed while it is open: a decision's has closed if it was over while one of the definitions was in force.
select coalesce(d.unit_id, d.event_id::text) as name, d.arm_id, d.propensity, d.policy, r.reward,
       d.event_time <= (select max(h.until - coalesce((h.definition ->> 'window')::interval, '0'))
                          from (select definition, lead(at, 1, ?::timestamptz) over (order by version) as until
                                  from experiment_history where experiment_id = ?) h) as closed
  from bandit_events d
  left join bandit_events r
    on r.experiment_id = d.experiment_id and r.event_id = d.event_id and r.event_time = d.event_time and r.kind = 'reward'
   and r.event_time >= ? and r.event_time < ?
 where d.experiment_id = ? and d.kind = 'decision' and d.event_time >= ? and d.event_time < ?
