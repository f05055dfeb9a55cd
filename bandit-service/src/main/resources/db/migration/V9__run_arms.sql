-- What each run added to each arm, and how the arm stood then: the rows of experiment_metrics.csv. Runs before this have none.
create table experiment_run_arms (
    run_id          bigint           not null references experiment_runs on delete cascade,
    arm_id          text             not null,
    decisions       bigint           not null,
    units           bigint           not null,
    trials          bigint           not null,
    successes       double precision not null,
    observations    bigint           not null,
    decisions_total bigint           not null,
    units_total     bigint           not null,
    trials_total    bigint           not null,
    successes_total double precision not null,
    latency_ms_mean double precision,
    score_mean      double precision,
    primary key (run_id, arm_id)
);

comment on table experiment_run_arms is 'arms that the run said something new about';
comment on column experiment_run_arms.trials is 'outcomes, or decisions where feedback is exposure';
comment on column experiment_run_arms.latency_ms_mean is 'over everything so far, as score_mean is; null before the first';
