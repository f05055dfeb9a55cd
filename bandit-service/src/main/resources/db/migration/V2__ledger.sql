-- What happened: one row a decision, a reward, a late reward, or the end of a decision's window.
-- A day's partition holds the events of the decisions made that day, so an event always falls into the same one.
create table bandit_events (
    experiment_id      text             not null,
    event_id           uuid             not null,
    kind               text             not null,
    event_time         timestamptz      not null,
    recorded_at        timestamptz      not null,
    arm_id             text             not null,
    unit_id            text,
    propensity         double precision,
    policy             text,
    posterior_version  bigint,
    definition_version integer,
    reward             double precision,
    reward_id          text,
    primary key (experiment_id, event_id, kind, event_time)
) partition by range (event_time);

comment on column bandit_events.event_id is 'a decision (the same for its reward), or the digest of a reward named by its sender';
comment on column bandit_events.kind is 'decision, reward, late (a reward after its window: not learned from) or matured (a window closed without reward)';
comment on column bandit_events.event_time is 'when the decision was made; for a reward named by its sender, when it was recorded';
comment on column bandit_events.reward is 'in [0,1], a whole number of millionths';

-- Which incarnation of the state in Redis is valid, and how far it has been moved here.
create table store_state (
    experiment_id   text primary key,
    epoch           text   not null,
    relayed_version bigint not null,
    rebuilt_at      timestamptz not null default now()
);

-- The secret that signs decision ids, shared by all replicas, unless one is configured.
create table signing_secret (
    id      integer primary key check (id = 1),
    secret  bytea not null
);
