"""What leaves this machine at the user's wish: alerts, heartbeats, mail.

Laws:
1. A failure to send an alert is a value that says why; it is never raised, and never costs a run its result.
2. What is needed to send (addresses, tokens) comes from the environment or the keyring and goes to the
   service alone: not into an answer, an error, a log, a run's folder or the history.
3. Nothing is sent that was not decided elsewhere, and nothing is remembered here.
"""
