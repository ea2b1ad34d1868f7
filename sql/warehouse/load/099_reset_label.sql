-- The session may be reused, so the label must not remain.
reset query_group;
