"""What is polled, and who keeps the answers, from the settings."""

from collections.abc import Sequence

from conscope_app.settings import Settings, environment
from conscope_app.sources.configured import ConfiguredSource, configured
from conscope_app.sources.recording import NamesQuery, Recorder


def sources_of(settings: Settings) -> list[ConfiguredSource]:
    """The vendors and feeds that are set. Raises `BadSource`."""
    vendors = configured(settings.sources, settings.source_keys, settings.source_urls)
    return [*vendors, *feeds_of(settings)]


def feeds_of(settings: Settings) -> list[ConfiguredSource]:
    """The feeds alone. Raises `BadSource`."""
    if settings.feeds_dir is None:
        return []
    # Here, as it brings a reader of YAML along, which most workers do without.
    from conscope_app.sources.configured_feeds import configured_feeds

    return configured_feeds(settings.feeds_dir, environment())


def recorder_of(settings: Settings, sources: Sequence[ConfiguredSource]) -> Recorder | None:
    """Who keeps what they answer, without their keys; None where nobody is to."""
    if settings.recordings_dir is None:
        return None
    adapters = [each.adapter for each in sources]
    named = [each.query_names for each in adapters if isinstance(each, NamesQuery)]
    return Recorder(
        settings.recordings_dir,
        keys=[each.key for each in sources if each.key is not None],
        query_names=frozenset().union(*named),
    )
