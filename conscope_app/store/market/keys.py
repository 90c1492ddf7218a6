"""Keys of lines whose names may be longer than an index takes."""


def key_of(*columns: str) -> str:
    """The SHA-256 of the columns as a row's text, as SQL."""
    return f"sha256(convert_to(ROW({', '.join(columns)})::text, 'UTF8'))"
