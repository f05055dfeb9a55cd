-- What alone may change an experiment's definition, such as experiments.yaml; null: anyone.
alter table experiments add column managed_by text;
