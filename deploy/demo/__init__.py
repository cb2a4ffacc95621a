"""The two journeys, told step by step against a running system (`make demo`).

journey   a newcomer joins, reports a problem, and it becomes a work order and comes back
article   the same problem, solved by the neighbourhood itself: no work order
"""
