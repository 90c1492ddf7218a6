"""From the runs of a benchmark to its published page and pictures."""
