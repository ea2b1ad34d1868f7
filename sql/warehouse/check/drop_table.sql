drop table ${table};
