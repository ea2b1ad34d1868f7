-- A table over an empty folder, with the role's rights on the catalog; drop_table.sql follows.
create external table ${table} (one varchar(10))
stored as textfile
location '${location}';
