"""Files of anyone's prices: read, mapped onto the wire contract, row by row."""
