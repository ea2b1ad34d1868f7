-- The source of purchases: one row per invoice line, written by the shop.
-- invoice_date is UTC without a zone. customer_id is null for a sale without an account.
create schema if not exists retail;

create table if not exists retail.user_purchase (
    invoice_number varchar(10),
    stock_code varchar(20),
    detail varchar(1000),
    quantity integer,
    invoice_date timestamp,
    unit_price numeric(8, 3),
    customer_id integer,
    country varchar(20)
);

-- Without this index every extraction reads the whole live table. On a table in use, create it concurrently.
create index if not exists user_purchase_invoice_date on retail.user_purchase (invoice_date);
