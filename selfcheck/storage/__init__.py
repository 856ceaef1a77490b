"""Files: written whole or not at all, private where they must be, and locked between processes.

Start with `files`.
"""
