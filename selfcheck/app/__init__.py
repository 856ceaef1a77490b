"""The use cases: the only place where the stages meet.

Laws:
1. Gather, decide, apply: the stages look and write, the judge decides, nothing here weighs evidence.
2. A failure in one profile or page never loses another's result.
3. What was finished is kept, whatever happens afterwards: Ctrl-C, a full disk, a crashed browser.
"""
