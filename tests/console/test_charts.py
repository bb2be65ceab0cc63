"""Charts of usage: drawn on the server, readable as a table."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from django_cc.console.site.charts import MOST_BARS, Bar, UsageChart


def draw(*bars: Bar) -> str:
    """Return the chart as it stands in a page."""
    chart = UsageChart("usage", "Tokens by hour", bars)
    return render_to_string("django_cc/partials/chart.html", {"chart": chart})


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (3, 3), (10, 10), (11, 20), (217, 300), (4321, 5000)]
)
def test_the_axis_ends_at_a_round_number_no_bar_exceeds(highest: int, top: int) -> None:
    assert UsageChart("usage", "", [Bar("12:00", highest, 0)]).top == top


def test_bars_stand_on_the_axis_with_what_was_refused_on_top() -> None:
    (column,) = UsageChart("usage", "", [Bar("12:00", 6, 4)]).columns()

    assert (column.issued_y, column.issued_height) == ("48", "72")
    assert (column.refused_y, column.refused_height) == ("0", "48")


def test_every_figure_is_in_the_table_too() -> None:
    page = draw(Bar("12:00", 6, 4), Bar("13:00", 0, 1))

    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', page)
    assert rows == [("12:00", "6", "4"), ("13:00", "0", "1")]


def test_says_in_words_what_it_shows() -> None:
    page = draw(Bar("12:00", 6, 4))

    assert "Tokens by hour</title>" in page
    assert "6 issued, 4 refused." in page


def test_nothing_happened_is_an_empty_chart_and_no_error() -> None:
    assert "0 issued, 0 refused." in draw()


@pytest.mark.parametrize("language", ["de", "ar"])
def test_coordinates_are_no_numbers_of_a_language(language: str) -> None:
    with translation.override(language):
        page = draw(*(Bar(f"{hour}:00", 1, 2) for hour in range(7)))

    coordinates = re.findall(r' (?:x|y|width|height)="([^"]*)"', page)
    assert coordinates
    assert all(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", number) for number in coordinates)


def test_has_neither_style_nor_script_of_its_own() -> None:
    page = draw(Bar("12:00", 6, 4))

    assert "style=" not in page
    assert "<script" not in page


def test_refuses_more_bars_than_can_be_told_apart() -> None:
    with pytest.raises(ValueError, match="at most 60"):
        UsageChart("usage", "", [Bar("", 0, 0)] * (MOST_BARS + 1))
