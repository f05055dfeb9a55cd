insert into sink_progress (sink, tick)
select ?, coalesce(max(tick), 'epoch') from snapshot_ticks
on conflict do nothing
