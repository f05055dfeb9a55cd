-- The posteriors as they stood at each tick, one row an arm; made for dashboards.
create table posterior_snapshots (
    test_id            text             not null,
    variant            text             not null,
    "timestamp"        timestamptz      not null,
    alpha              double precision not null,
    beta               double precision not null,
    exposures_inc      bigint           not null,
    successes_inc      double precision not null,
    exposures_total    bigint           not null,
    successes_total    double precision not null,
    success_rate_total double precision,
    mean               double precision not null,
    ci_low             double precision not null,
    ci_high            double precision not null,
    prob_best          double precision not null,
    expected_loss      double precision not null,
    primary key (test_id, variant, "timestamp")
);

comment on column posterior_snapshots.exposures_total is 'trials behind the posterior: decisions where feedback is exposure, outcomes learned otherwise';
comment on column posterior_snapshots.successes_total is 'sum of the rewards learned; whole where rewards are 0 or 1';
comment on column posterior_snapshots.success_rate_total is 'null before the first trial';

create index posterior_snapshots_timestamp on posterior_snapshots ("timestamp");

-- The replica that inserts a tick writes its rows, in the same transaction.
create table snapshot_ticks (
    tick     timestamptz primary key,
    taken_at timestamptz not null default now()
);
