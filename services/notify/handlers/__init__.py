"""What notify does: it tells, it shows the inbox, it remembers who takes part and serves."""
