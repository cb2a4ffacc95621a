"""The district's desk, and what the observer's shares with it."""
