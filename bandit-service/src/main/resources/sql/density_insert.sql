insert into posterior_densities (test_id, variant, x, density)
select ?, ?, points.x, points.density
  from unnest(?::double precision[], ?::double precision[]) as points (x, density)
