-- What came in some batches, with what it belongs to if that came before: the decision of an outcome, the outcome of a decision.
select e.kind, e.arm_id, e.unit_id, e.reward, e.latency_ms, e.score, e.policy, e.propensities, e.definition_version,
       d.propensities as decision_propensities, d.definition_version as decision_version,
       o.reward as earlier_reward, o.kind as earlier_kind,
       e.unit_id is not null and u.unit_id is null as new_unit
  from bandit_events e
  left join bandit_events d
    on e.kind in ('reward', 'matured') and d.experiment_id = e.experiment_id and d.event_id = e.event_id
   and d.kind = 'decision' and d.event_time = e.event_time and d.batch <= e.batch
  left join lateral (select r.reward, r.kind from bandit_events r
                      where e.kind = 'decision' and r.experiment_id = e.experiment_id and r.event_id = e.event_id
                        and r.kind in ('reward', 'matured') and r.event_time = e.event_time and r.batch < e.batch
                      order by r.batch limit 1) o on true
  left join experiment_units u
    on e.kind = 'decision' and u.experiment_id = e.experiment_id and u.arm_id = e.arm_id and u.unit_id = e.unit_id
 where e.experiment_id = ? and e.batch > ? and e.batch <= ?
 order by e.batch, e.kind <> 'decision', e.recorded_at, e.event_id, e.kind
