"""Hosts that are nobody's endpoint: where a redirect leads that must not be followed. What arrives here has leaked."""
from world import Answer, Host

elsewhere = Host("elsewhere.test")


@elsewhere.rule("*", "*")
def anything(request, world):
    return Answer(200, b"%PDF-1.4\nof somebody else\n", "application/pdf")


HOSTS = [elsewhere]
