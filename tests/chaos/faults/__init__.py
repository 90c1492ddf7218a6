"""The faults, one family a file: each function strikes a `Trial` so many times."""
