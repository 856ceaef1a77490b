"""The report over time: one page of all profiles with their days, numbers and incidents, and badges.

Laws:
1. What is not known today, or on a day, is never shown as good.
2. A gap is a gap: no number is made up, and a zero is a number.
3. A public report contains nothing that only the author's view told.

Start with `service`, then `render_page`.
"""
