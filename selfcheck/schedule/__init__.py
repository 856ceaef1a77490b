"""Runs that nobody starts by hand: timers of systemd, launchd, cron and Windows.

Laws:
1. A scheduler only wakes us; whether a run is due is one pure function for all of them.
2. No secret stands in a scheduler's file.

Start with `spec`, then `service`.
"""
