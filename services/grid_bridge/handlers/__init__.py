"""The bridge's use-cases: ``(uow, command, actor, now) -> result``.

* :mod:`.reporting`: residents report, rate and reopen; :mod:`.classifying`: what the classifier
  advises;
* :mod:`.committee`: staff triage, answer, govern, escalate;
* :mod:`.referring`, :mod:`.merging`, :mod:`.supporting`, :mod:`.duplicates`: one problem and many;
* :mod:`.casework`, :mod:`.undertakings`: who handles it, how long it took, dates not to forget;
* :mod:`.outcomes`: how it came out, told to all whom it concerns;
* :mod:`.grid`: what the grid platform tells; reading work orders;
* :mod:`.promises`: the clocks; :mod:`.post_clocks`: those of ordinary posts; :mod:`.calendars`,
  :mod:`.renewing`: the working days that they go by, and what another calendar makes of them;
* :mod:`.consulting`, :mod:`.consulting_work`, :mod:`.consulting_table`, :mod:`.consulting_views`:
  joint consultations;
* :mod:`.reading`: issues as their readers may see them;
* :mod:`.catalogue`: the districts' 8+X; :mod:`.guides`: the departments' answer guides;
* :mod:`.common`: what all of them share.
"""
