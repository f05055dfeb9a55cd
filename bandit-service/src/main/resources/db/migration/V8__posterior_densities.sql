-- The curves that a dashboard draws of the posteriors, which SQL cannot compute. Only those of the newest tick are kept.
create table posterior_densities (
    test_id text             not null,
    variant text             not null,
    x       double precision not null,
    density double precision not null,
    primary key (test_id, variant, x)
);

comment on table posterior_densities is 'of the newest row in snapshot_ticks; experiments of more than 50 arms have none';
comment on column posterior_densities.x is 'success rate; 101 points an arm, evenly from its 0.01 % to its 99.99 % quantile';
