"""The tests: rules and stories in plain words; the folders mirror those of the package."""
