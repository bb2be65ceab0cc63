"""Machine-to-machine OAuth 2.0 (the client credentials grant) for Django."""

__version__ = "0.1.0"
