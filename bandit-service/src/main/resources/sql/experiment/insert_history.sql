insert into experiment_history (experiment_id, version, status, winner, definition, actor, at)
values (:id, :version, :status, :winner, :definition::jsonb, :actor, :updatedAt)
