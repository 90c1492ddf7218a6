"""Delivery: what the outbox holds, told to people."""

from conscope_app import app

AGENT = "deliver_alerts"


@app.task  # type: ignore[untyped-decorator]  # Faust gives it no type
async def deliver_alerts() -> None:
    """Carry waiting alerts to the channel as they come; see `Courier` for the guarantee."""
    if AGENT in app.settings.agents:
        await app.services.courier.run()
