"""The sandbox against the real SDK: what it takes, refuses, tells the daemon, and shows."""
