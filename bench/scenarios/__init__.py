"""What is measured: each scenario is a function that gives runs."""
