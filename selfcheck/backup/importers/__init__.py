"""Reading the export of a platform: a file or folder in, stories out, one at a time.

Laws:
1. An archive is never unpacked: what is needed is read into memory, and nothing is written.
2. What could do harm is refused and named (a bomb, a path that leads elsewhere, a link, characters in another
   encoding than UTF-8, a file that is too large); the rest is read.
3. Only the author's own texts and their pictures are opened. Messages, comments of others, lists of
   subscribers and columns of addresses are left closed.

Start reading at `reader`; `archive` guards, and each format has a module.
"""
