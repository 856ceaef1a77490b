"""Files, written whole or not at all, private where they must be, locked between processes; child processes.

Start with `files`; the paths of the data folder are in `data_folder`, other programs in `child_process`.
"""
