-- Adds the day's partition; with more `partition … location …`, up to a hundred days at once.
-- An existing partition keeps its location; set_purchases.sql changes it.
alter table spectrum.user_purchase_staging
add if not exists partition (insert_date = '${ds}')
location '${purchases_location}';
