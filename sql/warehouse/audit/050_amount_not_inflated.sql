-- The day's amount equals what its reviewing customers spent; a join that fans out would inflate it.
select
    cast(
        case
            when (
                select coalesce(sum(amount_spent), 0) from public.user_behavior_metric
                where insert_date = cast(:ds as date)
            ) = coalesce(sum(amount_spent), 0) then '0'
            else 'the amount differs from the purchases'
        end as integer
    ) as amount_not_inflated
from purchase_day
where customer_id in (select customer_id from review_day);
