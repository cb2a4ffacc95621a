"""Notify: who must know. One in-app set of recipients per event is the truth."""
