"""Positions: how far a partition has been read."""


class PositionMoved(Exception):
    """Somebody else has written past our position: open the ledger again and read from there."""
