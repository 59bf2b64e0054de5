"""The checker: a history of facts and orders in, violations of the invariants out; it knows the messages and nothing else of ours."""
