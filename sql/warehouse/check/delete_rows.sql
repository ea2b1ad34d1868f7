delete from ${table};
