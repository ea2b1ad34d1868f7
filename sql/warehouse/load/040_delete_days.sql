-- The list of days is constant, so that Redshift reads only their blocks of the sorted table.
delete from public.user_behavior_metric
where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
  and insert_date in (/* each day */ cast(:ds as date) /* end */);
