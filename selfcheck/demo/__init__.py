"""A small blog platform on loopback, for the first run and the tests; and saved pages served as one."""
