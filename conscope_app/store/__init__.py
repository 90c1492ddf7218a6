"""Postgres behind the pipeline: schema and migrations, connections, and the sinks' ledger.

Everything that blocks runs in threads (`engine.Database`); nothing here knows Kafka or Faust.
"""
