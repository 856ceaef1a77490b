"""`selfcheck impostors`: whether another account looks like the author's.

Laws:
1. Nothing is looked at before a page of the platform's has proved that the session is the author's.
2. Only what the user names is opened: each account once, logged out, within the limits that all of
   selfcheck shares; and the picture that its page shows. Nothing is followed, searched or crawled.
3. What is found is likeness. No account is called an impostor: who made it, and why, nothing here can know.
4. A page that could not be read is "could not tell", and never "does not look alike".
5. Nothing is kept unless the user says so. What is kept is sealed as a run is, and has nothing of the
   session.
6. Nothing is sent: the platform's own form is named, and the author decides.

Start with `service.compare_accounts`; what counts as alike is decided in `names`, `pictures` and `rules`.
"""
