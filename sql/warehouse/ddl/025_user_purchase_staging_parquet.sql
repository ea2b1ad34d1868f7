-- The purchases of the days that were extracted with OUTPUT_FORMAT=parquet: the same columns with their types. A day's
-- manifest says which of the two tables has its partition. Lengths of texts are bytes, as in 020_user_purchase_staging.sql.
create external table spectrum.user_purchase_staging_parquet (
    invoice_number varchar(40),
    stock_code varchar(80),
    detail varchar(4000),
    quantity integer,
    invoice_date timestamp,
    unit_price decimal(18, 5),
    customer_id integer,
    country varchar(80)
)
partitioned by (insert_date date)
stored as parquet
location 's3://${bucket}/user_purchase/stage/';
