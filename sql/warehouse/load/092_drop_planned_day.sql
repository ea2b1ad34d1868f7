drop table planned_day;
