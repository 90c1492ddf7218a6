"""Telling people: one notifier a channel, and the courier that carries alerts to it."""
