"""Refusals of the services as commands print them."""

from django.core.exceptions import ValidationError


def explain(refusal: ValidationError) -> str:
    """Return one line for each problem, which begins with the field where one is to blame."""
    if not hasattr(refusal, "error_dict"):
        return "\n".join(refusal.messages)
    return "\n".join(
        problem if field == "__all__" else f"{field}: {problem}"
        for field, problems in refusal.message_dict.items()
        for problem in problems
    )
