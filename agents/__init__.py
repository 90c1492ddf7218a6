"""The agents, one a file: each reads slabs, calls a pure function, hands the result to a ledger."""
