"""Storage without a stream: what Postgres itself can take, by each way that people know."""
