-- The day's purchases, as CSV with a header.
copy (
    select
        invoice_number, stock_code, detail, quantity, invoice_date, unit_price, customer_id, country
    from retail.user_purchase
    where quantity > 2 and cast(invoice_date as date) = :'ds'
) to stdout with (format csv, header);
