"""The bridge's use-cases: ``(uow, command, actor, now) -> result``.

* :mod:`.reporting`: residents report, rate and reopen; the classifier advises;
* :mod:`.committee`: staff triage, answer, govern, escalate;
* :mod:`.grid`: what the grid platform tells; reading work orders;
* :mod:`.promises`: the clocks;
* :mod:`.reading`: issues as their readers may see them;
* :mod:`.catalogue`: the districts' 8+X; :mod:`.guides`: the departments' answer guides;
* :mod:`.common`: what all of them share.
"""
