"""`faust -A conscope_app migrate`: bring the database to the schema of this version."""

import asyncio

import click

from conscope_app import app
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.store.migrate import MigrationError, create_database, head, upgrade


@app.command(base=ExitCodeCommand)
async def migrate(self: ExitCodeCommand) -> int:
    """Bring the database to the schema of this version; create it where it is missing.

    Safe to run at any time and from several machines at once: it applies what is not there yet.
    """
    url = app.settings.database_url.get_secret_value()
    try:
        created = await asyncio.to_thread(create_database, url)
        applied = await asyncio.to_thread(upgrade, url)
    except MigrationError as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    if created:
        self.say("Created the database.")
    for step in applied:
        self.say(f"Applied {step}.")
    self.say(f"The database is at revision {head()}.")
    return 0
