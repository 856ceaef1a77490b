"""What the runs found over time: days, numbers and incidents, and what a new run needs of earlier ones.

Laws:
1. `history.db` is derived: what a run found stands in its folder, what people said and what was sent in
   `journal.jsonl`. It can be lost, and what it lacks is read from there once.
2. It is the only place from which earlier runs are read.
3. Incidents are a fold over the runs by pure `rules`; the store keeps what they answer.

Start with `service`; then `rules`, and `store` over `tables` (rows and values) and `database` (the file).
"""
