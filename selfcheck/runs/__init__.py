"""One run: which pages are opened, what was found, what is kept, and how it is shown.

Laws:
1. Gather, decide, apply: the browser looks, the judge decides, nothing here weighs evidence.
2. A failure in one profile or page never loses another's result.
3. What was finished is kept, whatever happens afterwards: Ctrl-C, a full disk, a crashed browser.

Start with `run`, then `profile_check`; `plan` says which pages are opened.
"""
