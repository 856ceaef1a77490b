"""What leaves this machine for a person: mail, and only after that person's author said so."""
