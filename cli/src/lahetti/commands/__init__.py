"""The commands of `lahetti`, one module each."""
