"""The command lahetti: everything in one process, the demo, and the engineers' tools."""
