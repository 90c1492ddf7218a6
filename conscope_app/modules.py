"""Every module that registers something with the application: agents, tables, pages, commands."""

# Written out, since Faust's own scan only warns of a module that fails to import, and silently
# skips every name that holds "test_".
MODULES = (
    "tables.tickets",
    "tables.watches",
    "agents.tickets.prices",
    "agents.tickets.storage",
    "agents.tickets.alerts",
    "agents.tickets.delivery",
    "agents.tickets.watches",
    "agents.tickets.watch_publisher",
    "agents.tickets.watch_alerts",
    "agents.tickets.watch_delivery",
    "agents.ops.metrics",
    "agents.ops.losses",
    "web.guard",
    "web.overview",
    "web.alerts_drops",
    "web.alerts_silences",
    "web.alerts",
    "web.event",
    "web.watches",
    "web.ops",
    "web.live",
    "web.api.stats",
    "web.api.alerts",
    "web.api.event_list",
    "web.api.event",
    "web.api.event_prices",
    "web.api.event_seats",
    "web.api.dry_runs",
    "web.api.watches",
    "web.api.silences",
    "web.api.episodes",
    "web.api.channels",
    "web.api.openapi",
)

# By the name that is typed. A worker, and any other command, imports none of them.
COMMANDS = {
    "produce": "conscope_app.commands.produce",
    "import": "conscope_app.commands.import_",
    "migrate": "conscope_app.commands.migrate",
    "topics": "conscope_app.commands.topics",
    "audit": "conscope_app.commands.audit",
    "dead-letters": "conscope_app.commands.dead_letters",
    "losses": "conscope_app.commands.losses",
    "deliveries": "conscope_app.commands.deliveries",
    "rebuild": "conscope_app.commands.rebuild",
    "watches": "conscope_app.commands.watches",
}
