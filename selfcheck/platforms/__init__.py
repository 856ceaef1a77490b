"""Everything that is known about platforms, as data: one YAML file for each, checked and read here.

Laws:
1. No code knows a platform: pages, marks, facts, sign-in, controls and limits stand in `data/<name>.yaml`.
2. A file of the user's is held to the same form as a shipped one. It is read in one pass, which reports every
   mistake with its line, what was found and what was expected.

Start reading at `schema.py`, the form of a file, and `catalogue.py`. `yamlfile.py` and `config_issues.py`
read YAML and explain mistakes, for profiles.yaml too; `page_urls.py` makes addresses and reads handles.
"""
