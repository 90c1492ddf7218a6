"""Agents of ticket prices: compare, store, alert, deliver."""
