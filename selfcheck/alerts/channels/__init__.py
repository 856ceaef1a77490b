"""The channels that an alert can be sent on: a module each, with its transport."""
