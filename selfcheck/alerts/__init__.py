"""Alerts: what is due, in which words, on which channel; and whether profiles are still checked.

Laws:
1. A failure to send an alert is a value that says why; it is never raised, and never costs a run its result.
2. What is needed to send (addresses, tokens) comes from the environment or the keyring and goes to the
   service alone: not into an answer, an error, a log, a run's folder or the history.
3. What is due is decided by pure rules from the history and from what was sent.

Start with `dispatch`, which decides (`rules`), renders (`text`, `issue_text`), sends and records.
"""
