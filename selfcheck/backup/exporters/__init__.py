"""Moving: the stories of a library as files that another platform, a site generator or a reader takes.

Laws:
1. What is not public at the platform is left out unless the user asks for it.
2. Links between the author's own stories lead to the new place; all others stay as they are.
3. Stories are read one at a time, twice: once for where each will be, once to write them.
4. Only files that an earlier export wrote are replaced or removed; a folder of anything else is refused.

Start reading at `writer`, then `moving`; each form has a module.
"""
