"""Ours on top of Faust: slabs, ledgers, transactions, the durable table, dead letters, watchdog.

A *slab* is a run of records of one partition. A *feed* reads one topic and hands slabs to an agent;
the agent answers each with an outcome; the partition's *ledger* keeps the outcome together with the
position that follows it, both or neither.
"""
