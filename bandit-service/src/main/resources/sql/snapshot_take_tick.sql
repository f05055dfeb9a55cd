insert into snapshot_ticks (tick)
select ? where not exists (select from snapshot_ticks where tick >= ?)
