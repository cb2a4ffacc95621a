"""``shequ``: the operator's command line.

::

    shequ community import | undo | imports | posters     a town comes
                    list | export | offboard              a community is looked at, and leaves
                    sheet export | import                 registers in other systems' sheets
    shequ keys rotate-token | rekey                       keys

It works on identity's database directly, in one transaction per command, and needs what identity
itself is told: ``SHEQU_IDENTITY_DATABASE_URL`` and the key files. Inside a checkout where `make up`
ran, it finds them by itself. What it does is what handlers do; here are words and files alone.
"""
