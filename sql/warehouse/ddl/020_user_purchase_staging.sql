-- The extracted purchases. The OpenCSV SerDe knows quotes, so a quoted comma shifts no column;
-- it reads text only, so every column is text here and is cast once, by load/021_fill_purchase_day.sql.
-- Lengths are bytes: four times the characters of the source column.
-- wholeFile lets a line break within quotes be part of its field.
-- csv_escape is the control character U+0001: PostgreSQL doubles quotes and escapes nothing, while
-- the SerDe's default, a backslash, would swallow the quote that ends a field like "SIZE 6\".
create external table spectrum.user_purchase_staging (
    invoice_number varchar(40),
    stock_code varchar(80),
    detail varchar(4000),
    quantity varchar(20),
    invoice_date varchar(40),
    unit_price varchar(20),
    customer_id varchar(20),
    country varchar(80)
)
partitioned by (insert_date date)
row format serde 'org.apache.hadoop.hive.serde2.OpenCSVSerde'
with serdeproperties (
    'separatorChar' = ',',
    'quoteChar' = '"',
    'escapeChar' = '${csv_escape}',
    'wholeFile' = 'true'
)
stored as textfile
location 's3://${bucket}/user_purchase/stage/'
table properties ('skip.header.line.count' = '1');
