"""Shared nouns: money, clock, ids, refusals. Nothing here knows a domain, Kafka or Postgres."""
