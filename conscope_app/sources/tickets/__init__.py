"""Sources of ticket prices."""
