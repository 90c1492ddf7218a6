"""Agents that watch the cluster itself."""
