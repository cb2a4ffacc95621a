"""What notify answers, reacts to and does by the clock: a class for each family."""
