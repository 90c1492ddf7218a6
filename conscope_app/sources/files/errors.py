"""Why a whole file cannot be imported; a single row that cannot is a `Refused`."""


class UnusableFileError(Exception):
    """The file, or what was asked of it, makes no sense; the text says what to do about it."""
