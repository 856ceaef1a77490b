"""The author's saved sign-in: made by hand, encrypted, checked, carried to another machine.

Laws:
1. A session is kept in its own encrypted file; no secret of it reaches a run's folder, a log or a message.
2. Signing in is done by the user, in a browser window that they see.
3. Only the platform's own cookies and storage are kept.

Start with `store`; `login` is the sign-in itself.
"""
