"""Which events of several sources are one: a pure decision with its reason, and the groups of it.

`decisions.decide` compares two events, `index.Index` finds those worth comparing, `groups.regroup`
makes groups of what was decided. docs/matching.md has the rules as a table.
"""
