"""Watches in Postgres: what people wish to hear of, and what has been published of it."""
