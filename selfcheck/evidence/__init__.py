"""Proof for others: the evidence package, time stamps, verification, and what may be shown to whom.

Laws:
1. What the author alone sees leaves the machine only where its owner asks for it.
2. Evidence says what it shows and what it does not.

Start with `package`; `disclosure` says which files may be shown.
"""
