"""The GitHub Action: the steps of `action.yml`, and the workflow that uses it.

Laws:
1. A step can be run again without doing anything twice.
2. A step gets only the secrets that it needs.

Start with `job`, then `publish`.
"""
