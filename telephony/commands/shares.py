"""The shares that `segue eval` is told to ask for."""

from telephony.commands.people import InputError


def asked_share(option: str, value: float) -> float:
    """A share of 0 to 1; what is above 1 is in percent.

    Raises:
        InputError: naming the option.
    """
    wanted = value / 100 if value > 1 else value
    if not 0 <= wanted <= 1:
        raise InputError(f"{option} is a share, such as 0.98 or 98; {value:g} is not")
    return wanted
