"""Routes and the consumer: parse, authenticate, call one use case, render."""
