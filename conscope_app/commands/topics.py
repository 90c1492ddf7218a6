"""`faust -A conscope_app topics`."""

import click
from faust.cli import argument

from conscope_app import app
from conscope_app.commands.away import told_in_a_sentence
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.topics.create import check_topics, create_topics
from conscope_app.topics.printing import are_sound, print_reports, print_specs
from conscope_app.topics.tickets import ALL


@app.command(
    argument("action", type=click.Choice(["list", "create", "check"]), default="list"),
    base=ExitCodeCommand,
)
async def topics(self: ExitCodeCommand, action: str) -> int:
    """List the topics, create those that are missing, or check those that exist.

    Nothing that exists is ever altered; exit 1 where the pipeline cannot run on what is there.
    """
    settings = app.settings
    if action == "list":
        print_specs(ALL, settings.partitions, self.stdout)
        return 0
    with told_in_a_sentence(settings.brokers):
        if action == "create":
            reports = await create_topics(
                settings.brokers, settings.partitions, settings.replication_factor
            )
        else:
            reports = await check_topics(settings.brokers, settings.partitions)
    print_reports(reports, self.stdout)
    return 0 if are_sound(reports) else 1
