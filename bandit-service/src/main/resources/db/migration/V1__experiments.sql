-- Experiments as they stand, every version they ever had, and who changed what.

-- Orders the changes of all experiments. Writers hold one advisory lock, so a lower number is never committed after a higher one,
-- and a replica that has read up to n finds everything new with "revision > n".
create sequence experiment_revision;

create table experiments (
    id         text        primary key check (id ~ '^[A-Za-z0-9._-]{1,128}$'),
    version    integer     not null check (version >= 1),
    status     text        not null check (status in ('running', 'paused', 'concluded', 'archived')),
    winner     text        check ((status = 'concluded') = (winner is not null)),
    definition jsonb       not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    revision   bigint      not null unique
);

create table experiment_history (
    experiment_id text        not null references experiments (id),
    version       integer     not null,
    status        text        not null,
    winner        text,
    definition    jsonb       not null,
    actor         text        not null,
    at            timestamptz not null,
    primary key (experiment_id, version)
);

create table audit_log (
    id            bigint      generated always as identity primary key,
    at            timestamptz not null,
    actor         text        not null,
    action        text        not null,
    experiment_id text,
    version       integer,
    detail        jsonb       not null default '{}'
);

create index audit_log_experiment on audit_log (experiment_id, id);
