"""The desk for covenants: what is due, a covenant looked at again, breaches talked about."""
