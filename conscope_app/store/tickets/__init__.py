"""Ticket prices in Postgres: records become rows, rows become history, alerts and deliveries."""

from conscope_app.store.tickets.alerts import RAISED, AlertWriter
from conscope_app.store.tickets.history import HistoryWriter
from conscope_app.store.tickets.rows import (
    AlertRow,
    HistoryRow,
    translate_alerts,
    translate_processed,
)

__all__ = [
    "RAISED",
    "AlertRow",
    "AlertWriter",
    "HistoryRow",
    "HistoryWriter",
    "translate_alerts",
    "translate_processed",
]
