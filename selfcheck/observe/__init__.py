"""What a page says, stored apart from what it means. Pure: a capture in, an observation out.

Laws:
1. An observation repeats what the page says and judges nothing: `not_found` is what the visitor was told.
2. No answer comes before everything; a bot wall before the status; 429 and 5xx before what the page says.
3. After that the platform's marks decide, in their order, the first that holds. None holds: `unrecognised`.
4. Numbers, lists and stories are read only from a page that is shown; what it does not say is None, never 0.

Start reading at `observing.py`; `page.py` is the opened capture, `conditions.py` says whether a mark holds.
"""

from selfcheck.observe.observing import observe

__all__ = ["observe"]
