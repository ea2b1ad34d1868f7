-- As 021_fill_purchase_day.sql, of the days whose purchases are Parquet. The files have the types already.
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
        customer_id,
        "$path" as path,
        count(*) as purchase_rows,
        count(quantity) as whole_rows,
        cast(
            coalesce(sum(cast(quantity as decimal(19, 0)) * unit_price), 0) as decimal(38, 5)
        ) as amount_spent
    from spectrum.user_purchase_staging_parquet
    where insert_date between cast(:first_ds as date) and cast(:last_ds as date)
      and insert_date in (/* each day */ cast(:ds as date) /* end */)
    group by 1, 2, 3
) as staged
inner join planned_day on planned_day.ds = staged.ds
group by 1, 2;
