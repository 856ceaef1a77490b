"""Files: written whole or not at all, private where they must be, and locked between processes.

Start with `files`; the paths of the data folder are in `data_folder`.
"""
