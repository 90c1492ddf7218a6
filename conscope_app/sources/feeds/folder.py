"""All feeds of a folder: every `.yaml` and `.yml` file in it is one."""

from collections.abc import Collection
from pathlib import Path

from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.file import read_feed
from conscope_app.sources.feeds.problems import BadFeed, FeedProblem

_ENDINGS = {".yaml", ".yml"}


class BadFeeds(ValueError):
    """Files that cannot be used; the message names every problem of each of them."""

    def __init__(self, bad: Collection[BadFeed]) -> None:
        self.bad = tuple(bad)
        super().__init__("\n".join(map(str, bad)))


def read_feeds(folder: Path, taken: Collection[str] = ()) -> list[FeedAdapter]:
    """The feeds, in the order of their files' names; none has a name that is `taken`.

    Raises `BadFeeds` with all that is wrong, OSError where the folder cannot be read.
    """
    found: dict[str, FeedAdapter] = {}
    bad: list[BadFeed] = []
    for path in sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS):
        try:
            feed = read_feed(path)
        except BadFeed as error:
            bad.append(error)
            continue
        if feed.name in found or feed.name in taken:
            bad.append(BadFeed(path.name, [FeedProblem(1, "name", "another source has it")]))
        found[feed.name] = feed
    if bad:
        raise BadFeeds(bad)
    return list(found.values())
