"""A copy of the author's own texts that outlives the account: made live, or taken from a platform's export.

Laws:
1. Nothing is ever deleted because it vanished at the platform, and an edited story keeps its earlier texts.
2. A file is written whole or not at all, and a story's record is written last: a copy that was killed at any
   moment is a whole library with fewer stories, and the next one goes on from there.
3. What is not public at the platform (drafts, scheduled, unlisted, members-only) is below `private/`, which
   only its owner may enter. Messages, comments of others and addresses of readers are never taken.
4. Memory does not grow with the library, and one story costs the same whether it is the first or the last.

Start reading at `model`, then `library`.
"""
