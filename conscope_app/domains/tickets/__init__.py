"""Ticket prices: what a record is, what makes two comparable, and what moved."""
