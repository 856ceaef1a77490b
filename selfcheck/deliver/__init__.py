"""What leaves this machine because its user asked for it.

Laws:
1. What is sent, and to whom, was decided elsewhere; here it is only sent, and said whether that worked.
2. A secret (a token, an address with a key in it) is taken from the environment, and stands in no command
   line, no error and no log.
"""
