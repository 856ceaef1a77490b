"""The GitHub Action: the three steps of `action.yml`, and the workflow that uses it.

Laws:
1. A step can be run again without doing anything twice.
2. A step gets only the secrets that it needs: `restore` and `publish` the token, `check` the sessions.

Start with `check` (restore, check), then `publish`; `render_workflow` is what `init --github` writes.
"""
