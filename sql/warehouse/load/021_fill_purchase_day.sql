-- One row per day and customer before any join, so that nothing can fan out. Only this statement casts text to
-- numbers; extract-purchases has refused what does not fit. Rows without a customer form a group. Every
-- extracted row has a quantity: a row without one is part of a row that the SerDe has split (ADR 4), and
-- counts as stray. The precisions of the factors make a product of 38 digits that keeps all five decimals.
-- The list of days is constant, so that Spectrum reads the partitions of these days only. Redshift evaluates a list of more
-- than ten values as an array (its guide, "IN condition"), so a range is named as well.
insert into purchase_day (ds, customer_id, purchase_rows, amount_spent, stray_rows)
select
    staged.ds,
    staged.customer_id,
    sum(staged.purchase_rows) as purchase_rows,
    sum(staged.amount_spent) as amount_spent,
    sum(
        case
            when strpos(staged.path, planned_day.purchases_location) = 1
                then staged.purchase_rows - staged.whole_rows
            else staged.purchase_rows
        end
    ) as stray_rows
from (
    select
        insert_date as ds,
        cast(nullif(customer_id, '') as integer) as customer_id,
        "$path" as path,
        count(*) as purchase_rows,
        count(quantity) as whole_rows,
        cast(
            coalesce(sum(cast(quantity as decimal(19, 0)) * cast(unit_price as decimal(18, 5))), 0)
            as decimal(38, 5)
        ) as amount_spent
    from spectrum.user_purchase_staging
    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
      and insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by 1, 2, 3
) as staged
inner join planned_day on planned_day.ds = staged.ds
group by 1, 2;
