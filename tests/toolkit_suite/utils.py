"""What the toolkit's test modules import from beside themselves."""

import base64


def get_basic_auth_header(user: str, password: str) -> dict[str, str]:
    """Return HTTP Basic credentials as the test client takes them."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {pair}"}
