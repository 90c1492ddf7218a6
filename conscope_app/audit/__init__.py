"""The audit: recompute from `raw_prices` what must have come out, and compare it with what did.

It is written from the rules, apart from the detector: of the domain it takes the fields of the
records and the seat key, and nothing else, so that a mistake in one is seen by the other.
`observation`, `expectation`, `places`, `register` and `report` are pure; `kafka` and `postgres`
read; `run` puts them together.
"""
