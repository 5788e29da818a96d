"""What can go wrong with a sealed secret."""

from pulse.kernel.errors import Kind, PulseError


class SecretUnreadable(PulseError):
    """A sealed secret does not open: another key, another place, or damaged."""

    code = "vault.secret_unreadable"
    kind = Kind.INTERNAL
    next_step = "Enter the secret again, or start with the key it was sealed with (PULSE_VAULT__KEY)."
