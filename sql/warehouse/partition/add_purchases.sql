-- Adds the day's partition to the table of the format of its files; with more `partition … location …`, up to a hundred days at once.
-- An existing partition keeps its location; set_purchases.sql changes it.
alter table spectrum.${purchases_table}
add if not exists partition (insert_date = '${ds}')
location '${purchases_location}';
