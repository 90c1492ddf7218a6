"""Which events of several sources are one: pairs, groups and their trace; see docs/matching.md."""
