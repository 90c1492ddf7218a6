"""What Kafka is told about copies, so that what was acknowledged outlives a broker. Pure."""

from collections.abc import Mapping

_IN_SYNC = "min.insync.replicas"
_UNCLEAN = "unclean.leader.election.enable"


def least_in_sync(copies: int) -> int:
    """How many of the copies must have a record before its write counts.

    With three, whichever broker is lost, another one has it, and the writing goes on. With two,
    asking for both would stop all writing with either broker: there, safety is a third copy.
    """
    return 2 if copies >= 3 else 1


def copy_configs(copies: int) -> dict[str, str]:
    """The topic's configuration for so many copies, as text."""
    return {_IN_SYNC: str(least_in_sync(copies))}


def copy_problems(copies: int, configs: Mapping[str, str]) -> list[str]:
    """What in a topic's configuration loses acknowledged records, or refuses every one.

    A broker that does not know a setting (Redpanda always asks the majority) is not asked for it.
    """
    problems = []
    least = least_in_sync(copies)
    in_sync = int(configs.get(_IN_SYNC, least))
    if in_sync < least:
        problems.append(
            f"{_IN_SYNC} is {in_sync} with {copies} copies, not {least}: "
            "a write counts that one broker alone has, and is lost with it"
        )
    if in_sync > copies:
        problems.append(f"{_IN_SYNC} is {in_sync}, more than the copies: nothing can be written")
    unclean = configs.get(_UNCLEAN, "false")
    if copies > 1 and unclean != "false":
        problems.append(
            f"{_UNCLEAN} is {unclean}, not false: "
            "a copy that lags may become the leader, and what it lacks is lost"
        )
    return problems


def copy_notes(copies: int, configs: Mapping[str, str]) -> list[str]:
    """What in it is safe, but stops all writing where it need not."""
    if copies == 1 or configs.get(_IN_SYNC) != str(copies):
        return []
    note = "nothing can be written while one broker is away"
    return [f"{_IN_SYNC} is {copies} with {copies} copies: {note}"]
