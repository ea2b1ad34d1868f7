drop schema ${schema};
