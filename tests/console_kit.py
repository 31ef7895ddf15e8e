"""What the console's tests share: reading a page's forms."""

import re


def csrf_of(page: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    assert found is not None, "the page has no form"
    return found[1]


def act_of(page: str, action: str) -> str:
    """The id that the page gives to one act."""
    found = re.search(rf'/{action}" method="post" data-act>.*?name="act" value="([^"]+)"', page, re.DOTALL)
    assert found is not None, f"the page does not offer to {action}"
    return found[1]
