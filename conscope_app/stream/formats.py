"""Formats of a table's rows, by number: what a version reads, and what it must leave alone."""

import conscope_app

FIRST_FORMAT = 1


def why_not_ours(table: str, partition: int, *, found: int, known: int) -> str | None:
    """Why this version must not touch a partition; None where it can read every row of it.

    A newer version may have written rows that an older one would misread, or write back without
    what it does not know of.
    """
    if found <= known:
        return None
    return (
        f"{table} partition {partition} holds rows of format {found}, which a newer version of "
        f"ConScope has written; this one ({conscope_app.__version__}) knows formats up to {known}. "
        "Nothing was changed: start the newer version here again, see Upgrading in "
        "docs/operating.md"
    )
