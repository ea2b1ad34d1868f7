-- One row per customer before any join, so that nothing can fan out. Only this statement casts text to
-- numbers; extract-purchases has refused what does not fit. Rows without a customer form a group. Every
-- extracted row has a quantity: a row without one is part of a row that the SerDe has split (ADR 4), and
-- counts as stray. The precisions of the factors make a product of 38 digits that keeps all five decimals.
insert into purchase_day (customer_id, purchase_rows, amount_spent, stray_rows)
select
    cast(nullif(customer_id, '') as integer) as customer_id,
    count(*) as purchase_rows,
    cast(
        sum(cast(quantity as decimal(19, 0)) * cast(unit_price as decimal(18, 5)))
        as decimal(38, 5)
    ) as amount_spent,
    sum(
        case when strpos("$path", :purchases_location) = 1 and quantity is not null then 0 else 1 end
    ) as stray_rows
from spectrum.user_purchase_staging
where insert_date = cast(:ds as date)
group by 1;
