"""Faults against real processes, and a report of what they changed.

`scenarios` lists the faults, one family a file in `faults/`; a `Trial` is one deployment under a
steady stream, with its own servers, workers and stand-in; `Verdict` is what it came to. Run it as
`python -m tests.chaos` (`make chaos`, `make chaos-quick`, `make soak`).
"""
