-- A table for a check alone; drop_table.sql follows.
create table ${table} (one integer);
