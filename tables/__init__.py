"""The tables: the only calls of `app.Table`. One module a domain."""
