"""Who should hear of what, and in which message: pure decisions, shared by all domains."""
