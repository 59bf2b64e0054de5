"""Contract tests of the channels, over real HTTP."""
