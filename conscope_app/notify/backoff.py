"""How long to leave a channel alone after it failed."""

FIRST_S = 1.0
LONGEST_S = 60.0

# Added to what a channel asks for: Discord's clock and ours do not tick together, and a wait of
# nothing would be asked for again at once.
GRACE_S = 0.1


def backoff_s(failures: int, jitter: float) -> float:
    """Seconds to wait after so many failures in a row: doubling, from a second to a minute.

    `jitter` (0 to 1) takes off up to half, so that many senders do not come back together.
    """
    doublings = min(max(failures, 1) - 1, 16)
    return min(FIRST_S * 2.0**doublings, LONGEST_S) * (1 - jitter / 2)
