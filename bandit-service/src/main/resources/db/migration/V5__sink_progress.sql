-- How far the snapshots have been copied to each sink other than Postgres.
create table sink_progress (
    sink text        primary key,
    tick timestamptz not null
);

comment on column sink_progress.tick is 'the newest tick that the sink has; when it is new, the newest there was before it';
