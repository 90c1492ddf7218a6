"""Sources are asked for what they have; it goes to `raw_prices` and `market_snapshots`."""

from conscope_app import app

AGENT = "poll_sources"


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def poll_sources() -> None:
    """Poll the sources that are set, as far as no other worker does; see `PollingDuty`."""
    if AGENT in app.settings.agents:
        await app.services.polling.run()
