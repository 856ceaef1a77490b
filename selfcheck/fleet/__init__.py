"""A fleet: thousands of profiles, many workers, one polite guest. PostgreSQL is store and queue.

Laws:
1. Who is checked agreed to it: every profile has a basis (own, consent) and its date. Accounts are not
   searched for.
2. A unit of work is a profile and a due slot. It gets exactly one result, written in the transaction that
   ends its job; a worker that lost its job meanwhile cannot write.
3. Every look takes its moment from the database, which keeps the gap for each platform and address, the day's
   budget of a platform over all addresses, and its closure. A killed worker wastes its moment and never
   doubles it.
4. A triage is never `visible (confirmed)`, and every result says what was looked at.
5. No session and no text of a page is in the database.
6. Only `cli` knows this package.

Start with `data/schema.sql`, then `stages`, which is pure and says what follows a look; `worker` drives it,
`queue` writes it down, and `looking` opens the pages.
"""
