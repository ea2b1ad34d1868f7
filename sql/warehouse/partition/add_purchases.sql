-- Makes the day's partition known; with more `partition … location …` up to a hundred days at once.
-- An existing one keeps its location: set_purchases.sql follows.
alter table spectrum.user_purchase_staging
add if not exists partition (insert_date = '${ds}')
location '${purchases_location}';
