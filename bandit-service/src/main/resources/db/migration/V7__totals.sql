-- Running totals, folded from bandit_events in the order of its batches, each event once; and what each run of that added.
create table experiment_totals (
    experiment_id text        primary key,
    batch         bigint      not null default 0,
    totals        jsonb,
    updated_at    timestamptz not null default now()
);

comment on column experiment_totals.batch is 'up to which batch of bandit_events everything is in here';

create table arm_totals (
    experiment_id text  not null,
    arm_id        text  not null,
    totals        jsonb not null,
    primary key (experiment_id, arm_id)
);

-- Who has seen which arm: what counts a unit once.
create table experiment_units (
    experiment_id text not null,
    arm_id        text not null,
    unit_id       text not null,
    primary key (experiment_id, arm_id, unit_id)
);

create table experiment_runs (
    run_id        bigint           generated always as identity primary key,
    experiment_id text             not null,
    at            timestamptz      not null default now(),
    first_batch   bigint           not null,
    last_batch    bigint           not null,
    decisions     bigint           not null,
    units         bigint           not null,
    rewards       bigint           not null,
    successes     double precision not null,
    observations  bigint           not null
);

create index experiment_runs_experiment on experiment_runs (experiment_id, run_id);

comment on column experiment_runs.units is 'new to the arm that they saw';
comment on column experiment_runs.successes is 'sum of the rewards';
