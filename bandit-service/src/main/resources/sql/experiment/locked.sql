select id, version, status, winner, definition, created_at, updated_at, managed_by, revision
from experiments
where id = :id
for update
