"""The web side of a service: the application, who may call, refusals, and the limits of a request."""
