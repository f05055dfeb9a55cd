insert into audit_log (at, actor, action, experiment_id, version, detail)
values (:at, :actor, :action, :experimentId, :version, :detail::jsonb)
