"""How Kafka is reached, and why it is not: below whatever reads from it or writes to it."""
