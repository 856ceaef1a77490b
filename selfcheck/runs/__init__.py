"""One run: which pages are opened, what they say, what is kept, and how it is shown.

Laws:
1. Gather, decide, apply: an investigation decides which pages are wanted, the browser opens them, the judge
   judges; nothing else here weighs evidence.
2. A failure in one profile or page never loses another's result.
3. What was finished is kept, whatever happens afterwards: Ctrl-C, a full disk, a crashed browser.

Start with `investigation`, which is pure; `profile_check` drives it, `run` drives one for each profile, and
`service` is the whole use case: check, keep, remember, alert.
"""
