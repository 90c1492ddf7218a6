"""`faust -A conscope_app audit`."""

from faust.cli import option

from conscope_app import app
from conscope_app.audit.printing import as_json, print_report
from conscope_app.audit.run import CannotAudit, Scope
from conscope_app.audit.run import audit as run_audit
from conscope_app.commands.away import CannotRun, told_in_a_sentence
from conscope_app.commands.durations import Duration
from conscope_app.commands.exit_code import ExitCodeCommand


@app.command(
    option("--json", "as_object", is_flag=True, help="Print one JSON object."),
    option("--partition", type=int, multiple=True, help="Audit this raw partition only."),
    option("--limit", type=int, default=20, show_default=True, help="Ids shown of each fault."),
    option("--wait", type=Duration(), default="30s", show_default=True, help="For what is late."),
    base=ExitCodeCommand,
)
async def audit(
    self: ExitCodeCommand, *, as_object: bool, partition: tuple[int, ...], limit: int, wait: float
) -> int:
    """Recompute all from raw prices and snapshots, compare it with what came out; 1 on a fault."""
    scope = Scope(
        brokers=app.settings.brokers,
        database_url=app.settings.database_url.get_secret_value(),
        partitions=app.settings.partitions,
        chosen=frozenset(partition),
        limit=limit,
        wait_s=wait,
    )
    with told_in_a_sentence(scope.brokers):
        try:
            report = await run_audit(scope, lambda stage: self.say(stage, file=self.stderr))
        except CannotAudit as error:
            raise CannotRun(str(error)) from error
    if as_object or self.json:
        self.say(as_json(report))
    else:
        print_report(report, self.stdout)
    return 0 if report.clean else 1
