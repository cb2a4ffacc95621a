"""From a question to a covenant: the hall, a topic's way, discussion, text, objections."""
