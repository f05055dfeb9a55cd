select test_id, variant, "timestamp", alpha, beta, exposures_inc, successes_inc, exposures_total, successes_total,
       success_rate_total, mean, ci_low, ci_high, prob_best, expected_loss
  from posterior_snapshots
 where "timestamp" = ?
 order by test_id, variant
