-- The arms of some runs, from one on.
select a.run_id, r.at, r.experiment_id, a.arm_id, r.first_batch, r.last_batch,
       a.decisions, a.units, a.trials, a.successes, a.observations,
       a.decisions_total, a.units_total, a.trials_total, a.successes_total, a.latency_ms_mean, a.score_mean
  from experiment_run_arms a
  join experiment_runs r using (run_id)
 where a.run_id in (select run_id from experiment_run_arms where run_id >= ? group by run_id order by run_id limit ?)
 order by a.run_id, a.arm_id collate "C"
