"""Runs that start by themselves: timers of systemd, launchd, cron and the Windows Task Scheduler.

Laws:
1. A scheduler only wakes us; whether a run is due is one pure function for all of them (`core.schedule`).
2. No secret is in a scheduler's file.

Start with `jobs`, then `service`; `render_*` are the schedulers' own forms.
"""
