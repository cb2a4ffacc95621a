"""What votes seals and signs: its own keys, the box of each poll, the answers that it keeps.

``keys`` the key file: signs heads, guards boxes · ``box`` sealed ballots of one poll ·
``answers`` receipts kept for a repeat of the same request
"""
