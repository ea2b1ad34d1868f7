-- Made once. The purchases are split at every comma: a comma within quotes shifts the columns.
select count(*) = 0 as missing from svv_external_schemas where schemaname = 'original_spectrum' \gset
\if :missing
create external schema if not exists original_spectrum
from data catalog
database 'original'
iam_role :'role'
create external database if not exists;

create external table original_spectrum.user_purchase_staging (
    invoice_number varchar(10),
    stock_code varchar(20),
    detail varchar(1000),
    quantity integer,
    invoice_date timestamp,
    unit_price decimal(8, 3),
    customer_id integer,
    country varchar(20)
)
partitioned by (insert_date date)
row format delimited fields terminated by ','
stored as textfile
location :'purchases'
table properties ('skip.header.line.count' = '1');

create external table original_spectrum.movie_review_clean_stage (
    cid integer,
    positive_review boolean
)
stored as parquet
location :'reviews';
\endif

create schema if not exists original;

create table if not exists original.user_behavior_metric (
    customerid integer,
    amount_spent decimal(18, 5),
    review_score integer,
    review_count integer,
    insert_date date
);
