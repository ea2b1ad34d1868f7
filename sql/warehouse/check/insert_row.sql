insert into ${table} values (1);
