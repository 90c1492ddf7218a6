"""What ConScope knows about prices. Pure: no Faust, SQL, HTTP, clock, randomness or environment."""
