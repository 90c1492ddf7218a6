"""The conditions of a run in words."""

from collections.abc import Mapping

_ONE_AND_MANY = {
    "seats": ("seat", "seats"),
    "partitions": ("partition", "partitions"),
    "record_bytes": ("byte a record", "bytes a record"),
    "workers": ("worker", "workers"),
    "rows": ("row", "rows"),
    "watches": ("watch", "watches"),
    "events": ("event", "events"),
    "clients": ("client", "clients"),
    "rate": ("record/s", "records/s"),
}


def condition(name: str, value: float) -> str:
    """One of them: `10,000 seats`."""
    if name == "drop_share":
        return f"{value * 100:g} % drops"
    one, many = _ONE_AND_MANY.get(name, (name, name))
    number = int(value) if float(value).is_integer() else value
    return f"{number:,} {one if value == 1 else many}"


def conditions(parameters: Mapping[str, float]) -> str:
    """All of them, in the order of their names."""
    return ", ".join(condition(name, value) for name, value in sorted(parameters.items()))
