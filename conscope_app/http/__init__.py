"""HTTP as we speak it to others: bounded in time and size, and to the public internet only."""
