"""The audit: recompute from what came in what must have come out, and compare it with what did.

It is written from the rules, apart from the detector: of the domain it takes the fields of the
records and the seat key, and nothing else, so that a mistake in one is seen by the other.
Prices and market snapshots (`markets`) are each a `reconciliation` of their raw topic. All is pure
but `postgres`, which reads, and `run`, which puts it together.
"""
