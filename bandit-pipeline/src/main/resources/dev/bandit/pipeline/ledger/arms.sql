-- Every arm that the experiment has ever had.
select distinct variant ->> 'name' as arm
  from experiment_history, jsonb_array_elements(definition -> 'variants') variant
 where experiment_id = ?
 order by arm
