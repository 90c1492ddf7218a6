"""Which requests may be sent, and with what ETag: none again that was refused as it is."""

from collections.abc import Collection, Mapping

from conscope_app.sources.adapter import Adapter, Request
from conscope_app.sources.polling.catalogue import Page
from conscope_app.sources.polling.turns import Asking, Purpose
from conscope_app.sources.polling.validators import Validator, key_of


class Requests:
    """What is known of single requests. Of a batch that was refused, both halves are asked for."""

    def __init__(
        self, adapter: Adapter, validators: Mapping[str, Validator], refused: Collection[str]
    ) -> None:
        self._adapter = adapter
        self._validators = dict(validators)
        self._refused = set(refused)
        self._parts: dict[Purpose, list[tuple[str, ...]]] = {}

    def for_events(self, event_ids: tuple[str, ...], purpose: Purpose) -> Asking | None:
        """A request for these; None where that very request was refused."""
        request = self._adapter.events(event_ids)
        return self._allowed(request, Asking(request, purpose))

    def for_page(self, page: Page) -> Asking | None:
        """A request for a page of the catalogue; None where that very request was refused."""
        return self._allowed(page.request, Asking(page.request, "catalogue", page=page))

    def part(self, purpose: Purpose) -> tuple[str, ...]:
        """Events of a batch that was refused, to be asked for now; none: there are none left."""
        parts = self._parts.get(purpose)
        return parts.pop() if parts else ()

    def split(self, event_ids: tuple[str, ...], purpose: Purpose) -> bool:
        """Have both halves asked for; False where one event alone is at fault."""
        half = len(event_ids) // 2
        if half:
            self._parts.setdefault(purpose, []).extend((event_ids[half:], event_ids[:half]))
        return half > 0

    def refuse(self, request: Request) -> str:
        """Never send it again as it is; its short name."""
        key = key_of(request)
        self._refused.add(key)
        return key

    def keep(self, request: Request, validator: Validator) -> tuple[str, Validator]:
        """Ask with this ETag the next time."""
        key = key_of(request)
        self._validators[key] = validator
        return key, validator

    def kept(self, request: Request) -> Validator | None:
        """What its ETag stands for."""
        return self._validators.get(key_of(request))

    def _allowed(self, request: Request, asking: Asking) -> Asking | None:
        key = key_of(request)
        if key in self._refused:
            return None
        held = self._validators.get(key)
        return asking if held is None else asking._replace(etag=held.etag)
