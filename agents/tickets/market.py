"""The history, rolled up into what the pages show."""

from conscope_app import app

AGENT = "store_prices"

# Records that wait for an agent of this worker: about a second of what one worker takes. A page may
# be late rather than an alert.
PRESSING = 5_000


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def roll_up_market() -> None:
    """Fold new rows of the history as they come; see `RollUps` for the guarantee.

    Whoever stores prices does it, beside the storing and not in its transactions: a row is not
    later for it, and a fold that has to wait holds nothing up.
    """
    if AGENT in app.settings.agents:
        await app.services.market.run(app.sleep, lambda: app.should_stop, is_under_pressure)


def is_under_pressure() -> bool:
    """Whether an agent of this worker has more to do than it manages."""
    return any(feed.waiting > PRESSING for feed in app.own_feeds())
