"""What the runs found over time: days, numbers and incidents.

Laws:
1. Whatever a run found stands in its folder, and what people said in `journal.jsonl`: the
   database can be lost.
2. An incident is decided by pure rules (`incident_rules`); the store keeps what they answer.

Start with `service`, then `store`.
"""
