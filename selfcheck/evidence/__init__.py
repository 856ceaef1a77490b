"""Proof for others: the evidence package, time stamps, verification, and what may be shown to whom.

Laws:
1. What the owner, the platform and the public may see is decided by `disclosure` alone.
2. What the author alone sees leaves the machine only where the author asks for it.
3. Evidence says what it shows and what it does not.

Start with `disclosure`, then `package`.
"""
