drop table review_day;
