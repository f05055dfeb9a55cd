-- Which of some units have seen an arm.
select unit_id from experiment_units where experiment_id = ? and arm_id = ? and unit_id = any(?)
