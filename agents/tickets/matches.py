"""Events of several sources, known as one."""

from conscope_app import app

AGENT = "store_prices"


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def match_events() -> None:
    """Match new and changed events; see `EventMatching` for the guarantee.

    Whoever stores prices does it. Of several workers one has the turn, and the others look on.
    """
    if AGENT in app.settings.agents:
        await app.services.matching.run(app.sleep, lambda: app.should_stop)
