"""The desk for votes: what is to be done, a vote prepared, its roll, its result, its rules."""
