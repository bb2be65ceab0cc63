"""The rule for the networks a machine client may ask for tokens from."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_cc.protocol.networks import IPNetwork, parse_network

MOST_NETWORKS = 50


def clean_networks(texts: Sequence[str]) -> list[str]:
    """Return networks as the table keeps them: each once, as its shortest CIDR.

    Args:
        texts: CIDRs such as 10.0.0.0/8 or 2001:db8::/32, or addresses; none for anywhere.

    Raises:
        ValidationError: one is no network, has bits behind its prefix, or there are more than 50;
            for the field.
    """
    networks = list(dict.fromkeys(str(_clean(text)) for text in texts))
    if len(networks) > MOST_NETWORKS:
        problem = _("Name at most %(most)d networks: join those that lie side by side.")
        raise ValidationError({"allowed_networks": problem % {"most": MOST_NETWORKS}})
    return networks


def _clean(text: str) -> IPNetwork:
    try:
        return parse_network(text)
    except ValueError:
        raise ValidationError({"allowed_networks": _describe_problem(text)}) from None


def _describe_problem(text: str) -> str:
    try:
        meant = parse_network(text, strict=False)
    except ValueError:
        problem = _("“%(text)s” is not a network. Write 10.0.0.0/8 or 2001:db8::/32.")
        return problem % {"text": text}
    problem = _("“%(text)s” has bits behind its prefix: write %(meant)s, or the address alone.")
    return problem % {"text": text, "meant": meant}
