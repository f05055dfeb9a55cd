-- The newest tick at or before each of evenly spaced points: as many lookups as there are points, however many ticks there are.
with ticks as (
    select distinct newest.tick
      from generate_series(0, :points - 1) as point
     cross join lateral (select tick
                           from snapshot_ticks
                          where tick > cast(:since as timestamptz)
                            and tick <= cast(:until as timestamptz)
                                - (cast(:until as timestamptz) - cast(:since as timestamptz)) * point / :points
                          order by tick desc
                          limit 1) as newest
)
select snapshot.test_id, snapshot.variant, snapshot."timestamp", snapshot.alpha, snapshot.beta, snapshot.exposures_inc,
       snapshot.successes_inc, snapshot.exposures_total, snapshot.successes_total, snapshot.success_rate_total, snapshot.mean,
       snapshot.ci_low, snapshot.ci_high, snapshot.prob_best, snapshot.expected_loss
  from ticks
 cross join unnest(cast(:variants as text[])) as wanted (variant)
  join posterior_snapshots as snapshot
    on snapshot.test_id = :id and snapshot.variant = wanted.variant and snapshot."timestamp" = ticks.tick
 order by snapshot."timestamp", snapshot.variant
