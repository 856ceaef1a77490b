"""The nouns of selfcheck, frozen: what is asked for, what was received, what it says, what it means."""
