"""Feeds: what a JSON interface says, brought in by a YAML file that describes it."""
