select experiment_id, version, status, winner, definition, actor, at
from experiment_history
where experiment_id = :id and version < :before
order by version desc
limit :limit
