-- The manifest of an older release, or of a large day, does not say how many purchases are below the quantity.
insert into planned_day (
    ds, purchases_location, purchases_run, purchases_generation, purchase_rows, purchases_rejected,
    purchases_below_quantity, complete_until, min_quantity, reviews_location, reviews_run,
    reviews_generation, review_rows, reviews_rejected
)
values
/* each day */ (
    cast(:ds as date),
    cast(:purchases_location as varchar(1024)),
    cast(:purchases_run as varchar(64)),
    cast(:purchases_generation as integer),
    cast(:purchase_rows as bigint),
    cast(:purchases_rejected as bigint),
    cast(nullif(cast(:purchases_below_quantity as varchar(20)), 'unknown') as bigint),
    cast(nullif(cast(:complete_until as varchar(40)), 'complete') as timestamp),
    cast(:min_quantity as integer),
    cast(:reviews_location as varchar(1024)),
    cast(:reviews_run as varchar(64)),
    cast(:reviews_generation as integer),
    cast(:review_rows as bigint),
    cast(:reviews_rejected as bigint)
) /* end */;
