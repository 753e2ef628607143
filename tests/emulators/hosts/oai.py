"""A repository by itself: repository.test, with Dublin Core and MARC, every deviation of oai.py on demand."""
from oai import Repository
from world import Answer, Host

import bodies

generic = Host("repository.test")
repository = Repository("A repository for tests", "")


@generic.rule("GET", "/oai/request")
def oai_get(request, world):
    return repository.answer(request, world)


@generic.rule("POST", "/oai/request")
def oai_post(request, world):
    return repository.answer(request, world)


@generic.rule("GET", "/record/*/files/*")
def file(request, world):
    return Answer(200, bodies.pdf(request.parts()[-1], int(world.setting(request, "file", 0)) or None), "application/pdf", ranges=True)


HOSTS = [generic]
