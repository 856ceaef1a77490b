"""Judging a stored run again by today's rules, and turning a stored page into a test case.

Start with `service`.
"""
