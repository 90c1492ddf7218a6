"""The market as the pages show it: roll-ups of `price_history`, kept up to date beside the sink."""
