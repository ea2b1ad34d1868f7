-- What each customer spent fits decimal(18, 5), the type of the metric.
select
    cast(
        case
            when coalesce(max(abs(amount_spent)), 0) < 10000000000000 then '0'
            else 'a customer spent more than the metric can hold'
        end as integer
    ) as amounts_fit
from purchase_day
where customer_id is not null;
