"""Tests on a real systemd in a container of its own; they need root and are run by ./dev test --host."""
