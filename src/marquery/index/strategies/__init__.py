"""Ways to compare a query with the logos of an index."""
