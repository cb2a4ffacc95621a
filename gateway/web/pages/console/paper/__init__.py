"""The paper desk: the counter, what is printed, the sheets; see docs/paper-desk.md."""
