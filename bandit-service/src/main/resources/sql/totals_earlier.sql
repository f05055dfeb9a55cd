-- Of some events of one day, what came before: the decisions of outcomes, the outcomes of decisions. By their ids, not by
-- the index of batches, which would go through all that came before.
select batch, kind, event_id, event_time, arm_id, unit_id, reward, latency_ms, score, policy, propensities, definition_version
  from bandit_events
 where experiment_id = ? and event_id = any(?) and event_time >= ? and event_time < ?
   and kind in ('decision', 'reward', 'matured') and batch + 0 <= ?
