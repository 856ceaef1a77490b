"""A run's folder: its files, the manifest that lists them, its seal, and the chain of runs.

Laws:
1. Every file in a folder is complete, and listed with its hash.
2. A reader trusts no path and no value of a file before it is checked.

Start with `run_folder` for writing and `run_reader` for reading.
"""
