select distinct on (variant) variant, exposures_total, successes_total
  from posterior_snapshots
 where test_id = ?
 order by variant, "timestamp" desc
