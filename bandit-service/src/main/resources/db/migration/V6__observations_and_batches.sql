-- What reports read: in which order events came, with which probability each arm could have been chosen, and what inference was like.
alter table bandit_events
    add column batch         bigint not null default 1,
    add column propensities  real[],
    add column latency_ms    double precision,
    add column score         double precision,
    add column model_version text,
    add column metrics       jsonb;

comment on column bandit_events.kind is 'decision, reward, late (a reward after its window: not learned from), matured (a window closed without reward) or observation (how the arm did its work)';
comment on column bandit_events.batch is 'of the experiment: rows of a higher batch were committed later, those before V6 are batch 1';
comment on column bandit_events.propensities is 'of every arm, in the order of the definition version; null where they are not known, for an arm that a unit keeps, and beyond 32 arms';

create index bandit_events_batch on bandit_events (experiment_id, batch);

alter table store_state add column batch bigint not null default 1;
comment on column store_state.batch is 'the newest in bandit_events';
