"""The feeds of a folder as sources to poll, each with the key that its file speaks of."""

from collections.abc import Mapping
from pathlib import Path

from conscope_app.sources.configured import BadSource, ConfiguredSource
from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.folder import BadFeeds, read_feeds
from conscope_app.sources.feeds.keys import NoKey, read_key
from conscope_app.sources.registry import SOURCES, adapter_names


def configured_feeds(folder: Path, environment: Mapping[str, str]) -> list[ConfiguredSource]:
    """Every feed of the folder; none may have the name of a vendor, polled or not.

    Raises `BadSource` with all that is wrong with the files, or with the first key that is.
    """
    try:
        feeds = read_feeds(folder, taken=[*adapter_names(), *SOURCES])
    except BadFeeds as error:
        raise BadSource(str(error)) from None
    except OSError as error:
        raise BadSource(f"{folder} cannot be read: {error.strerror}") from None
    return [_configured(feed, folder, environment) for feed in feeds]


def _configured(
    feed: FeedAdapter, folder: Path, environment: Mapping[str, str]
) -> ConfiguredSource:
    key = None
    if feed.key is not None:
        try:
            key = read_key(feed.key, environment, folder)
        except NoKey as error:
            raise BadSource(f"{feed.name}: {error}") from None
    return ConfiguredSource(feed, feed.base_url, key, private=feed.private)
