-- The amount of each day equals what its reviewing customers spent; a join that fans out would inflate it.
select
    cast(
        case
            when count(*) = 0 then '0'
            else 'the amount differs from the purchases: ' || listagg(cast(planned_day.ds as varchar(10)), ', ')
        end as integer
    ) as amount_not_inflated
from planned_day
left join (
    select
        insert_date,
        sum(amount_spent) as amount_spent
    from public.user_behavior_metric
    where insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by insert_date
) as slice on slice.insert_date = planned_day.ds
left join (
    select
        purchase_day.ds,
        sum(purchase_day.amount_spent) as amount_spent
    from purchase_day
    where exists (
        select 1 from review_day
        where review_day.ds = purchase_day.ds and review_day.customer_id = purchase_day.customer_id
    )
    group by purchase_day.ds
) as purchased on purchased.ds = planned_day.ds
where coalesce(slice.amount_spent, 0) <> coalesce(purchased.amount_spent, 0);
