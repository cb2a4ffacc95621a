"""The bridge's rules, pure: no I/O, no clock, no framework.

* :mod:`.issue`: the life of a reported problem, and the gate to the city;
* :mod:`.work_order`: the mirror of the grid platform's work order, fed by ordered updates;
* :mod:`.sla`: promises in working days, warnings, and who is told when they break;
* :mod:`.numbers`: work order and library numbers;
* :mod:`.codes`: codes of the national standard.
"""
