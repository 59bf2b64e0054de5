"""What `./dev bench` runs: the real daemon as a process, load and provider in processes of their own; start reading in cases.py."""
