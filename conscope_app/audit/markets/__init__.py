"""Market snapshots in the audit: what must come out of each, by rules of its own.

Of the domain it takes the fields of the records, and nothing else; docs/events.md has the rules.
"""
