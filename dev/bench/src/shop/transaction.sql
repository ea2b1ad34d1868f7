-- A transaction of the shop, for pgbench: a purchase is made, one of this cashier's is corrected, and one of the past
-- is looked up. A client changes its own rows only, so that clients never wait for each other.
\set second 4 * random(0, 21599) + :client_id
\set other 4 * random(0, 21599) + :client_id
\set minute random(0, 525599)
begin;
insert into retail.user_purchase
(invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country)
values
(
    '600000', '71053', 'WHITE METAL LANTERN', 6,
    timestamp '2012-01-15' + :second * interval '1 second', 3.39, 17850, 'United Kingdom'
);
update retail.user_purchase
set quantity = quantity + 1
where invoice_date = timestamp '2012-01-15' + :other * interval '1 second';
select sum(quantity * unit_price) as amount
from retail.user_purchase
where invoice_date = timestamp '2010-12-01' + :minute * interval '1 minute';
commit;
