"""What every suite may ask for."""

pytest_plugins = ("support.databases",)
