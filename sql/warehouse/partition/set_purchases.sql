-- Sets the day's partition to the published run.
alter table spectrum.${purchases_table}
partition (insert_date = '${ds}')
set location '${purchases_location}';
