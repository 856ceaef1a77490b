"""The appeal: which incident, the letter, the mail, and the next steps.

Laws:
1. Nothing is sent to a platform by itself: a letter is a draft until its author says yes.
2. A letter says what was seen and asks; it makes no claim of its own.

Start with `service`, then `facts` and `render_letter`.
"""
