"""The signing keys a project gives in `DJANGO_CC["SIGNING_KEYS"]`, as PEM or in files."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.signals import setting_changed

from django_cc import conf
from django_cc.authorization_server.settings import KeySource, get_settings
from django_cc.protocol.jose import JWK, PrivateKey
from django_cc.protocol.key_kinds import NOT_TOLD_BY_THE_KEY, TOLD_BY_THE_KEY
from django_cc.protocol.names import KeyID, SigningAlgorithm


@dataclass(frozen=True, slots=True)
class ConfiguredKey:
    """One key of the setting, ready to sign; its kid is its thumbprint (RFC 7638)."""

    kid: KeyID
    private_key: PrivateKey
    public_jwk: JWK


@dataclass(frozen=True, slots=True)
class ConfiguredKeys:
    """What the setting gives.

    Attributes:
        keys: those that can be used, in the order of the setting, none twice.
        problems: what is wrong with the others, with nothing of their text; then none signs.
    """

    keys: tuple[ConfiguredKey, ...]
    problems: tuple[str, ...]

    def find_signing_key(self, algorithm: SigningAlgorithm) -> ConfiguredKey | None:
        """Return the first key for `algorithm`."""
        fitting = (key for key in self.keys if key.private_key.algorithm is algorithm)
        return next(fitting, None)


def are_keys_configured() -> bool:
    """Tell whether keys come from the settings: then no key of the database signs."""
    return bool(get_settings().signing_keys)


@cache
def get_configured_keys() -> ConfiguredKeys:
    """Return the keys of the setting. Files are read once per process."""
    settings = get_settings()
    algorithm = SigningAlgorithm(settings.signing_algorithm)
    keys: dict[KeyID, ConfiguredKey] = {}
    problems = []
    for number, source in enumerate(settings.signing_keys, start=1):
        try:
            key = _read(source, algorithm)
        except ValueError as error:
            problems.append(f'DJANGO_CC["SIGNING_KEYS"], entry {number}: {error}')
        else:
            keys.setdefault(key.kid, key)
    found = ConfiguredKeys(tuple(keys.values()), tuple(problems))
    if settings.signing_keys and not problems and found.find_signing_key(algorithm) is None:
        problem = f'DJANGO_CC["SIGNING_KEYS"] holds no {algorithm} key to sign with.'
        return ConfiguredKeys(found.keys, (problem,))
    return found


def _read(source: KeySource, signing_algorithm: SigningAlgorithm) -> ConfiguredKey:
    if isinstance(source, tuple):
        name, text = source
        algorithms: Sequence[SigningAlgorithm] = [SigningAlgorithm(name)]
    else:
        text = source
        algorithms = _list_candidates(signing_algorithm)
    private_key = _load(_read_pem(text), algorithms)
    public_jwk = private_key.public_jwk()
    return ConfiguredKey(public_jwk["kid"], private_key, public_jwk)


def _list_candidates(signing_algorithm: SigningAlgorithm) -> Sequence[SigningAlgorithm]:
    return [*TOLD_BY_THE_KEY, *(name for name in NOT_TOLD_BY_THE_KEY if name is signing_algorithm)]


def _read_pem(text: str | Path) -> bytes:
    if isinstance(text, str):
        return text.encode()
    try:
        return text.read_bytes()
    except OSError as error:
        raise ValueError(f"{text} cannot be read: {error.strerror}.") from None


def _load(pem: bytes, algorithms: Sequence[SigningAlgorithm]) -> PrivateKey:
    for algorithm in algorithms:
        key = _try_to_load(pem, algorithm)
        if key is not None:
            return key
    if _try_to_load(pem, SigningAlgorithm.RS256) is not None:
        choice = ", ".join(f'("{name}", key)' for name in NOT_TOLD_BY_THE_KEY)
        raise ValueError(f"an RSA key does not tell its algorithm: write one of {choice}.")
    names = " or ".join(algorithms)
    raise ValueError(
        f"there is no unencrypted private key for {names} in PEM (PKCS #8; EC P-256, Ed25519, or "
        "RSA of 2048 bits or more). A file is given as pathlib.Path."
    )


def _try_to_load(pem: bytes, algorithm: SigningAlgorithm) -> PrivateKey | None:
    try:
        return PrivateKey.from_pem(algorithm, pem)
    except ValueError:  # its words are not ours: nothing of the key may get into a message
        return None


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == conf.SETTING:
        get_configured_keys.cache_clear()


setting_changed.connect(_forget, dispatch_uid="django_cc.configured_keys")
