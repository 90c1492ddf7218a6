"""What the demo shows: each long step with its progress and its time, then the address."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from conscope_app.core.clock import monotonic_s

Say = Callable[[str], None]


class Screen:
    """Steps on a terminal; plain lines where the output is a file."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Say]:
        """Show that the step goes on, what `say` is told, and how long it took."""
        started_s = monotonic_s()
        shown = escape(title)
        if not self._console.is_terminal:
            self.line(f"{title} …")
        with self._console.status(shown) as status:
            yield lambda detail: status.update(f"{shown}: {escape(detail)}")
        took_s = monotonic_s() - started_s
        self._console.print(f"[green]✓[/] {shown} [dim]({took_s:.1f} s)[/]", highlight=False)

    def line(self, text: str) -> None:
        """One line of plain text."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def trouble(self, text: str) -> None:
        """Something that the person has to read."""
        self._console.print(f"[red]✗[/] {escape(text)}", highlight=False, soft_wrap=True)

    def address(self, url: str, note: str) -> None:
        """Where the pages are, so that it cannot be missed."""
        self._console.print()
        self._console.print(f"  [bold]ConScope is running:[/] [bold cyan]{escape(url)}[/]")
        self._console.print(f"  {escape(note)}", highlight=False, soft_wrap=True)
        self._console.print()
