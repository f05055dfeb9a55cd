select d.event_id, d.arm_id, d.event_time
  from bandit_events d
 where d.experiment_id = ? and d.kind = 'decision' and d.event_time >= ?
   and substr(d.event_id::text, 20, 1) < '8' -- an exposure named by its sender has no window
   and not exists (select 1 from bandit_events o
                    where o.experiment_id = d.experiment_id and o.event_id = d.event_id
                      and o.event_time = d.event_time and o.kind in ('reward', 'late', 'matured'))
 order by d.event_time
