"""Use-cases of feed: load, ask the rules, save, tell."""
