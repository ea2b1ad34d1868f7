-- The extracted purchases. The OpenCSV SerDe understands quotes, so a quoted comma shifts no column.
-- It reads only text, so every column is text here; load/021_fill_purchase_day.sql casts it.
-- Lengths are bytes: four times the characters of the source column.
-- With wholeFile, a line break within quotes belongs to its field.
-- csv_escape is the control character U+0001. PostgreSQL doubles quotes and escapes nothing; the SerDe's
-- default, a backslash, would escape the quote that ends a field such as "SIZE 6\".
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
