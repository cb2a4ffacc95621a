"""The use-cases of votes; each is given its transaction, its caller and the time."""
