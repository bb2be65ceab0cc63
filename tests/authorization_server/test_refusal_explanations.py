"""Every refusal can be explained to the people who run the client."""

import pytest

from django_cc.authorization_server.refusals.explanations import explain_refusal
from django_cc.protocol.errors import RefusalReason


@pytest.mark.parametrize("reason", RefusalReason, ids=str)
def test_explains_every_reason_in_a_sentence(reason: RefusalReason) -> None:
    sentence = explain_refusal(reason.value)

    assert sentence.endswith(".")
    assert sentence[0].isupper()


def test_has_no_two_reasons_explained_alike() -> None:
    sentences = [explain_refusal(reason) for reason in RefusalReason]

    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("words", ["", "laptop stolen"])
def test_leaves_other_words_alone(words: str) -> None:
    assert explain_refusal(words) == ""
