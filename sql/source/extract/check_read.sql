-- For --check: whether the role can read the purchases, and whether there are any.
select 1 as one
from retail.user_purchase
limit 1
