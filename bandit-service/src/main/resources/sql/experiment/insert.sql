insert into experiments (id, version, status, winner, definition, created_at, updated_at, managed_by, revision)
values (:id, :version, :status, :winner, :definition::jsonb, :createdAt, :updatedAt, :managedBy,
        nextval('experiment_revision'))
returning revision
