"""The history, rolled up into what the pages show."""

from conscope_app import app

AGENT = "store_prices"


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def roll_up_market() -> None:
    """Fold new rows of the history as they come; see `RollUps` for the guarantee.

    Whoever stores prices does it, beside the storing and not in its transactions: a row is not
    later for it, and a fold that has to wait holds nothing up.
    """
    if AGENT in app.settings.agents:
        await app.services.market.run(
            app.sleep, lambda: app.should_stop, app.is_under_pressure, stored
        )


def stored() -> int:
    """A number that moves with what this worker stores."""
    return sum(reader.position or 0 for reader in app.feeds[AGENT].readers.values())
