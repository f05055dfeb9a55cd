-- Remembers who has seen which arm; answers with those who are new to it. In the order of the index, so that its pages are few.
insert into experiment_units (experiment_id, arm_id, unit_id)
select ?, arm_id, unit_id from unnest(?::text[], ?::text[]) as seen (arm_id, unit_id) order by arm_id, unit_id
on conflict do nothing
returning arm_id, unit_id
