"""Identity's entrypoints by what they are about: one to five lines each, no rule, no SQL.

``login`` · ``mine`` my own page and the privacy desk · ``joining`` · ``territory`` places,
register, roles, helpers · ``electorates`` who may vote · ``timers`` · ``reactions`` to what other
services tell · ``parts`` what they hand to the use-cases
"""
