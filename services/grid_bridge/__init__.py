"""What must be done: issues from report to closed, and the bridge to the city's grid platform."""
