"""When to ask a source for what: decisions without I/O; clock and randomness are handed in."""
