-- Up to which batch a run goes: the one that has the last of so many rows.
select max(batch) as last_batch from (
    select batch from bandit_events where experiment_id = ? and batch > ? order by batch limit ?) next
