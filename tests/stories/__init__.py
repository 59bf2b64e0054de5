"""Whole nights in plain words, on the real engine and store, with virtual time and a scripted carrier."""
