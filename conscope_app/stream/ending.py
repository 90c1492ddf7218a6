"""How a worker ends when it must not go on: at once, with a clear last line.

What is under way is lost, as by `kill -9`, which everything here survives; a graceful stop could
commit what must not be committed. A supervisor starts the worker again.
"""

import logging
import os
import sys
from typing import NoReturn

from conscope_app.logs import as_logged

logger = logging.getLogger(__name__)

# Restarting may help. 70 is EX_SOFTWARE of sysexits.h.
EXIT_RESTART = 70

# Restarting will not help: somebody has to look. 78 is EX_CONFIG of sysexits.h.
EXIT_STAY_DOWN = 78


def end_process(
    why: str, *, code: int = EXIT_RESTART, error: BaseException | None = None
) -> NoReturn:
    """End this process now, saying why on the log and as the last line of standard error."""
    logger.critical("%s", why, exc_info=error)
    for handler in logging.getLogger().handlers:
        handler.flush()
    if sys.__stderr__ is not None:  # Faust redirects sys.stderr into the log
        sys.__stderr__.write(f"conscope: {as_logged(why)}\n")
        sys.__stderr__.flush()
    os._exit(code)
