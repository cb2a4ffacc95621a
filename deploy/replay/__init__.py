"""`make replay`: real messages through the gateway, as different residents, and the proof after.

    messages.jsonl ─▶ reportIssue as residents of the demo ─▶ classified ─▶ some escalated
                                        │
                                        ▼
          every accepted message is listed once, as an issue and as a post: lost 0, twice 0

A message is posted under an Idempotency-Key made from its id, so that it is safe to repeat after
a 503, a timeout or a cut connection, and also to run the whole replay again: what is there
already is found, not doubled (for 24 hours; `--fresh` posts anew).

The exit code is 0 when every message was answered and the proof holds, 1 otherwise.
"""
