"""Watches in a trial: who writes them into Postgres, and whether all that came of them is right.

`wishes` is what is watched, `people` make, change and delete it while the stream runs. The judges
take nothing that a worker says: `replay` decides everything anew from the log, `decisions`,
`stored`, `forwarded` and `told` compare, `company` has them do it.
"""
