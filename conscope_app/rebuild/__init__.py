"""Bring back what was lost from what is left: the table, the history, or both after all of Kafka.

Everything here runs while no worker does, writes under the guards of the workers' own ledgers, and
may be killed at any point and run again.
"""
