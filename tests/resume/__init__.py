"""Viewers that lose their connections and resume, each compared with the journal at the end.

The checker shares no code with the product. `python -m tests.resume` runs a long campaign.
"""
