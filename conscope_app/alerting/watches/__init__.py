"""What people wish to hear of: the wish, when it is true, and what is told of it. Pure.

A watch (`watch`, read by `validation`) is told of signals (`signals`) by `evaluation.observe`,
which keeps a `book` for each subject and gives decisions, with their reasons. What a channel is to
be sent follows from them in its `channel_queue`. `dry_run` does both with the clock handed in.
"""
