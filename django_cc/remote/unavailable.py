"""The ways in which a document of another server is not there."""


class DocumentUnavailable(Exception):
    """A document could not be had.

    Attributes:
        reason: why, in a few words that may be shown to the one who named the document; it holds
            nothing of what was received.
    """

    def __init__(self, reason: str) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason = reason


class TooManyUnderWay(DocumentUnavailable):
    """It was not asked for: this process waits for as many as it may. The server may be well."""
