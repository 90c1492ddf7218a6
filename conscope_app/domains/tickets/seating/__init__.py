"""Where a seat is, in one spelling: sections, rows and runs of seats. For comparing and showing.

What a seat *is* (its key, its history) stays as its source spells it (docs/decisions/0012).
"""
