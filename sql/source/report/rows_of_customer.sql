-- How many rows the source has of a customer.
-- psql -v customer=17850 -f rows_of_customer.sql
select count(*) as found
from retail.user_purchase
where customer_id = cast(:'customer' as bigint)
