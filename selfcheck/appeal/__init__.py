"""An appeal to a platform: the letter, the mail, the evidence that goes with it, and what happens next.

Laws:
1. Nothing is sent to a platform without a yes: everything is a draft until its author confirms it.
2. A letter says what was seen and asks for a review; it makes no claim of its own.

Start with `service`; `model` holds the values, `facts` gathers what a letter tells, and `render_letter`
writes it.
"""
