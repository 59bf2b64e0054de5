"""The doors on HTTP: bytes in, facts out; nothing is decided here, everything asks engine.take."""
