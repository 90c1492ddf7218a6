"""Has the client built before it is packed: who installs ConScope needs no Node."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ClientHook(BuildHookInterface[Any]):
    """Runs before each wheel and each source distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the client; what is packed without it would have no charts.

        An editable installation serves what is in the working copy, where `make` builds it.
        """
        if version == "editable":
            return
        client = runpy.run_path(str(Path(self.root) / "conscope_app" / "local" / "client.py"))
        client["build"](Path(self.root))
