update experiments
set version = :version, status = :status, winner = :winner, definition = :definition::jsonb, updated_at = :updatedAt,
    managed_by = :managedBy, revision = nextval('experiment_revision')
where id = :id
returning revision
