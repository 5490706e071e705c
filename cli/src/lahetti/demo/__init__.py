"""The demo: the cases of the product, played against a running installation and checked from outside."""
