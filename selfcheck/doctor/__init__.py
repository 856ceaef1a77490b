"""`selfcheck doctor`: check everything that a run needs, and say what to do where it is missing.

Laws:
1. `checks` gathers and decides nothing; `findings` decides from values alone, so it can be tested.
2. Everything is checked, whatever failed before: the user fixes all of it in one go.
3. A session is read to see whether it can still sign in; nothing of its contents is shown. No page of a
   platform is opened: a network check ends with the connection.

4. `report` is read by people whom the user does not know: it has no name, address or path.

Start with `checks.findings_of`.
"""
