"""Stands in for the ticket vendors: their interfaces, over a simulated market, on this machine.

It shares no code with the adapters that are tested with it, so that a misunderstanding on one side
is not one on both.
"""
