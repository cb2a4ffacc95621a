"""Identity's use-cases: load, ask the domain, save, emit.

``login`` sessions · ``joining`` requests to join · ``desk`` the committee's decisions ·
``qr`` QR tokens · ``roles`` grants · ``me`` the person's own page · ``badge`` the Party badge ·
``consents`` what was agreed to (``ledger`` keeps it) · ``access`` who looked · ``cards`` how
somebody appears to a community · ``places``, ``territory`` the tree · ``community`` its sheet ·
``register`` the persons of a community (``register_import``, ``register_export``) · ``figures``
binding coverage and badge rate · ``posters`` what stands on them · ``town`` a whole town from
sheets (``town_making``, ``town_undo``) · ``community_export``, ``offboarding`` how a community
leaves · ``overview`` what the operator sees
"""
