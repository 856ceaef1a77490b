"""The report over time: one page of all profiles, their days, numbers and incidents, and a badge.

Start with `service`, then `render_page`.
"""
