"""Tests of the engine's parts that need more than decide(): real stores, real SDKs."""
