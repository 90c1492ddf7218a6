"""Delivery of what watches have found: what waits for each channel, told to people."""

from conscope_app import app

AGENT = "deliver_watches"


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def deliver_watches() -> None:
    """Carry what waits to every channel as it comes due; see `WatchCourier` for the guarantee."""
    if AGENT in app.settings.agents:
        await app.services.telling.run()
