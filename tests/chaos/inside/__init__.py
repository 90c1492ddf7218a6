"""Faults from inside a worker: what the saboteur does to the process that it runs in.

`orders` is what it is told and what it tells, `faults` go wrong at random moments while the worker
lives on, `points` are the moments at which a process stands still or ends.
"""
