"""What is to be known of sources that are not well, so that nobody takes it for a quiet market."""

from collections.abc import Collection, Iterable, Iterator

from conscope_app.store.sources.standings import SourceStanding
from web.schema import Level, Notice
from web.templating import moment

_TITLES = {
    "late": "{} is late",
    "empty": "{} answers with nothing",
    "short": "{} is short of its usual count",
    "failing": "{} is failing",
    "not authorised": "{} does not accept our key",
    "over budget": "{} is over its budget",
}
_OLD = "What is shown of it may be old."


def source_notices(
    known: Iterable[SourceStanding], configured: Collection[str]
) -> Iterator[Notice]:
    """Of those that are not healthy, and of those that should be polled and are not.

    Who polls nothing any more because nobody asked for it is no news; what it had is shown as old
    as it is.
    """
    found = {each.source: each for each in known}
    for source in sorted({*found, *configured}):
        standing = found.get(source)
        if standing is not None and standing.worker is not None:
            yield from _unhealthy(standing)
        elif source in configured:
            text = f"No worker polls it at the moment. {_OLD}"
            yield Notice("source_not_polled", "warning", f"Nobody polls {source}", text)


def _unhealthy(standing: SourceStanding) -> Iterator[Notice]:
    health = standing.health
    if health is None or health == "healthy":
        return
    level: Level = "danger" if health == "not authorised" else "warning"
    title = _TITLES.get(health, f"{{}} is {health}").format(standing.source)
    since = "" if standing.since is None else f"Since {moment(standing.since)}: "
    yield Notice("source_unhealthy", level, title, f"{since}{standing.reason}. {_OLD}")
