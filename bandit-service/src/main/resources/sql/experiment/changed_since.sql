select id, version, status, winner, definition, created_at, updated_at, managed_by, revision
from experiments
where revision > :revision
order by revision
