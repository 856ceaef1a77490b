"""The local web app: everything that a writer does with selfcheck, in the browser that they have.

Laws:
1. Handlers only translate: a form into the values of a use case, its answer into a page. Whatever a page can
   do a command can do, by the same function and on the same files.
2. Only this machine's own user is answered, see `access`: an address with a token that is valid once, then a
   cookie; every change needs the exact origin and a form token, and GET changes nothing.
3. No path from a request reaches the file system: a request names a run, an incident or a file by a word that
   must be one of those that exist.
4. What a platform sent is shown as a picture or as plain text, never rendered. Sessions and keys are never
   shown.
5. Every page works without its script.

Start with `routes`, which is the table of pages; `access` guards it and `server` starts it.
"""
