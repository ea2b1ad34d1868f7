drop schema if exists ${schema};
