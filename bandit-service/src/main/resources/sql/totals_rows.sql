-- What came in some batches. Decisions first within a batch, so that an outcome finds its own. What is sorted by stands first in the row,
-- where it is found without looking at the rest.
select batch, kind <> 'decision', recorded_at, event_id, kind,
       event_time, arm_id, unit_id, reward, latency_ms, score, policy, propensities, definition_version
  from bandit_events
 where experiment_id = ? and batch > ? and batch <= ?
 order by batch, kind <> 'decision', recorded_at, event_id, kind
