-- The days of the set, with what their manifests say. Created empty and filled by the next statement: Redshift
-- takes parameters only in select, insert, update and delete.
create temp table planned_day (
    ds date not null,
    purchases_location varchar(1024) not null,
    purchases_run varchar(64) not null,
    purchases_generation integer not null,
    purchase_rows bigint not null,
    purchases_rejected bigint not null,
    purchases_below_quantity bigint,
    complete_until timestamp,
    min_quantity integer not null,
    reviews_location varchar(1024) not null,
    reviews_run varchar(64) not null,
    reviews_generation integer not null,
    review_rows bigint not null,
    reviews_rejected bigint not null
)
diststyle all;
