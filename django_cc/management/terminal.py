"""What people typed, written to a terminal."""


def make_printable(text: str) -> str:
    """Return `text` on one line, without what could move the cursor or colour the terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)
