select id, version, status, winner, definition, created_at, updated_at, revision
from experiments
where revision > :revision
order by revision
