"""The sender (``notify_sender``): what people are told outside of the inbox.

``ways`` one class per kind of provider · ``wire`` an HTTP request with limits
"""
