-- Up to which batch a run goes: as many as have so many rows together, but one at least.
select max(batch) as last_batch from (
    select batch, sum(count(*)) over (order by batch) - count(*) as rows_before
      from bandit_events
     where experiment_id = ? and batch > ?
     group by batch) counted
 where rows_before < ?
