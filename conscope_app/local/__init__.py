"""The embedded default: starts a real Kafka and a real Postgres for the demo and for the tests."""
