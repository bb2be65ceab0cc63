"""What somebody got to see: every page they came to, as its text."""

from dataclasses import dataclass, field

from playwright.sync_api import Error, Page

from tests.browser.visitor import Look

_TIMES, _PAUSE = 20, 250  # milliseconds
# Also what the page holds outside its markup.
_TYPED = "[...document.querySelectorAll('input, textarea')].map(field => field.value).join(' ')"


@dataclass(frozen=True)
class Diary:
    """Looks at pages and keeps what they say."""

    look_at: Look
    pages: list[tuple[str, str]] = field(default_factory=list)

    def look(self, page: Page) -> None:
        """Look at a page and write it down."""
        self.look_at(page)
        self.write(page)

    def write(self, page: Page) -> None:
        """Write down a page; one that is about to give way to another, as soon as that is there."""
        for _time in range(_TIMES):
            try:
                text = f"{page.content()} {page.evaluate(_TYPED)}"
            except Error:
                page.wait_for_timeout(_PAUSE)
            else:
                self.pages.append((page.url, text))
                return
        raise AssertionError(f"{page.url} does not come to rest.")

    def find(self, text: str) -> list[int]:
        """Return the numbers of the pages that hold a text, the first being 0."""
        return [number for number, (_url, page) in enumerate(self.pages) if text in page]
