-- Makes the day's partition known. An existing one keeps its location: set_purchases.sql follows.
alter table spectrum.user_purchase_staging
add if not exists partition (insert_date = '${ds}')
location '${purchases_location}';
