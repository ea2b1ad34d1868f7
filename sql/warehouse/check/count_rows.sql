-- Reads an external table with the role, which must be able to list the bucket.
select count(*) from ${table};
