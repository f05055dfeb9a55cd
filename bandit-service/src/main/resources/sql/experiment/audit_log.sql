select id, at, actor, action, version, detail
from audit_log
where experiment_id = :id and id < :before
order by id desc
limit :limit
