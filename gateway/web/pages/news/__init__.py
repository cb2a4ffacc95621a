"""What one is told: the inbox, how one wants to be told, digests, emergencies."""
