-- Labels the queries of the load in SYS_QUERY_HISTORY with the name of its statement. A WLM queue can match it.
set query_group to '${name}';
