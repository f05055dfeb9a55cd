select variant, exposures_total, successes_total
  from posterior_snapshots
 where test_id = ?
   and "timestamp" = (select max("timestamp") from posterior_snapshots where test_id = ?)
