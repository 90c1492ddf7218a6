"""A watch's definition as it is edited on its page: what a file would hold, as JSON."""

from typing import Any

import msgspec
from markupsafe import Markup, escape

from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.printable import printable_json

_COUNTED = frozenset({"version"})  # what a definition says of it counts for nothing


def definition_of(watch: Watch) -> dict[str, Any]:
    """The fields that differ from what they are when they are left out."""
    found = _spoken_out(watch)
    return {name: value for name, value in found.items() if name not in _COUNTED}


def definition_text(definition: dict[str, Any]) -> Markup:
    """The definition as JSON on several lines, escaped; amounts are texts, which lose no digit."""
    # What nobody would see stands in it as JSON's own escapes, so that the text means the same.
    line = printable_json(msgspec.json.encode(definition).decode())
    return escape(msgspec.json.format(line, indent=2))


def _spoken_out(part: msgspec.Struct) -> dict[str, Any]:
    spoken: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(part)):
        value = getattr(part, field.name)
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if value != default:
            is_part = isinstance(value, msgspec.Struct)
            spoken[field.encode_name] = _spoken_out(value) if is_part else value
    return spoken
