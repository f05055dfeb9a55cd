insert into experiments (id, version, status, winner, definition, created_at, updated_at, revision)
values (:id, :version, :status, :winner, :definition::jsonb, :createdAt, :updatedAt, nextval('experiment_revision'))
returning revision
