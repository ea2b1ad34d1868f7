-- Sets the day's partition to the published run.
alter table spectrum.user_purchase_staging
partition (insert_date = '${ds}')
set location '${purchases_location}';
