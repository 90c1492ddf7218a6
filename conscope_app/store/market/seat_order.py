"""The order of sections and rows in SQL, as near to `domains/tickets/seating` as a list needs.

Numbers are in the order of numbers, `Sec 9` is beside `9`, and rows of letters come before those of
numbers, the shorter first. What it decides is where a seat stands in a list, and nothing else.
"""

_SIGNS = "' .:#-'"


def _number(column: str) -> str:
    """The first number in it, at a width at which text is in the order of numbers."""
    return f"lpad(coalesce(substring({column} from '[0-9]+'), ''), 9, '0')"


_BEFORE = f"btrim(lower(substring(s.section from '^[^0-9]*')), {_SIGNS})"
_BEHIND = f"btrim(lower(substring(s.section from '[0-9]([^0-9].*)$')), {_SIGNS})"
_PART = f"""
    CASE WHEN {_BEFORE} IN ('section', 'sections', 'sect', 'sec', 'block', 'blk')
        THEN '' ELSE {_BEFORE} END
"""
_CLASS_OF_ROW = """
    CASE WHEN length(s."row") BETWEEN 1 AND 3 AND s."row" !~ '[^A-Za-z]' THEN length(s."row")
        ELSE 9 END
"""
SECTION_AND_ROW = f"""
    concat_ws('  ', {_PART}, {_number("s.section")}, coalesce({_BEHIND}, ''),
        {_CLASS_OF_ROW}, {_number('s."row"')}, lower(s."row")) COLLATE "C"
"""
