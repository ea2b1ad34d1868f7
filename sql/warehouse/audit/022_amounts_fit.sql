-- What each customer spent on a day fits decimal(18, 5), the type of the metric.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'a customer spent more than the metric can hold: '
                || listagg(cast(ds as varchar(10)), ', ')
        end as integer
    ) as amounts_fit
from (
    select ds
    from purchase_day
    where customer_id is not null
    group by ds
    having max(abs(amount_spent)) >= 10000000000000
) as wrong;
