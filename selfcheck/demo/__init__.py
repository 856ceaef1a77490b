"""A small blog platform on loopback, for a first run and for the tests; and saved pages served the same way.

Laws:
1. Nothing of it is on the web: it listens on loopback and is gone when the command ends.
2. What an account answers, and what a run must find, is data (`data/states.yaml`): the server decides
   nothing.

Start with `states`, then `site`; `saved_site` serves a folder of saved pages.
"""
