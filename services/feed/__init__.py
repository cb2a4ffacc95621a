"""Feed: what neighbours share."""
