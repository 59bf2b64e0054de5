"""Pages people for customers' emergencies until somebody takes them; start reading at core/messages.py, then engine/.

ARCHITECTURE.md has the map of the folders and the walk of one emergency through them.
"""

__version__ = "0.1.0"
