"""The rules of votes: pure, without input, output or clock."""
