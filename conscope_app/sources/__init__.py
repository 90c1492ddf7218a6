"""From the outside into Kafka: what watches prices, and the publisher that all of it shares."""
