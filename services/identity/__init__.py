"""Identity: who somebody is, where they live, what they may do.

::

    QR on the notice board ─▶ phone code ─▶ address + real name + ID ─▶ register match ─▶ active
                                                                     └▶ no match ─▶ committee
"""
