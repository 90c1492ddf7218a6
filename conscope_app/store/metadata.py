"""What all tables share: the collection that they belong to, and two words of their columns."""

from sqlalchemy import DateTime, MetaData, text

metadata = MetaData()

NOW = text("now()")
MOMENT = DateTime(timezone=True)
