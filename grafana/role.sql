-- What Grafana may read, and nothing else: the database holds the secret that signs decision ids, too.
-- Give it a password afterwards: \password grafana
create role grafana login;
grant select on experiments, audit_log, posterior_snapshots, posterior_densities, bandit_events to grafana;
