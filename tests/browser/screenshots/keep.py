"""Make small pictures for README.md of the best ones; the last step of `nox -s screenshots`."""

from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).parents[3]
SOURCE: Final = ROOT / "screenshots"
KEPT: Final = ROOT / "docs" / "images"
BEST: Final = {
    "dashboard-light": "dashboard",
    "list-light": "machine-clients",
    "show-once-light": "the-secret-is-shown-once",
    "credentials-light": "rotation-with-overlap",
    "preview-light": "token-preview",
    "used-client-dark": "overview-on-a-telephone",
}
HIGHEST: Final = 1000  # CSS pixels of the page, from its top
COLOURS: Final = 128


def keep(source: Path, target: Path) -> None:
    """Write the top of a picture with few colours, which is what a page of text has."""
    with Image.open(source) as picture:
        scale = 2 if picture.width < 1280 else 1  # the narrow ones are taken at twice the size
        top = picture.crop((0, 0, picture.width, min(picture.height, HIGHEST * scale)))
        few = top.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(target, optimize=True)


def main() -> None:
    """Keep the best."""
    KEPT.mkdir(exist_ok=True)
    for source, target in BEST.items():
        keep(SOURCE / f"{source}.png", KEPT / f"{target}.png")


if __name__ == "__main__":
    main()
