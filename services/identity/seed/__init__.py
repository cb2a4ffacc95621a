"""The demo district: places, a register of people, and the accounts of the contract's page.

``python -m services.identity.seed`` puts it into identity's database and writes what people and
tests need to know (QR addresses, newcomers) to ``var/run/demo.json``. Everybody in it is made up;
their ID numbers carry the division 310199, which was never given out. Running it again adds only
what is missing.
"""
