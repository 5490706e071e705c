"""Composition: the same three services in one process, or each role in a process of its own."""
