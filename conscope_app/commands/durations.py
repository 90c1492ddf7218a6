"""How long: `90`, `90s`, `2m`, `1h`, as an option's type."""

import click

from conscope_app.sources.pacing import parse_duration


class Duration(click.ParamType):
    """A duration, in seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        if isinstance(value, float):
            return value
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
