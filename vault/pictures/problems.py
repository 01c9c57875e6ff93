"""Which problem each refusal of a picture ends as."""

from collections.abc import Mapping

from vault.pictures.errors import TooManyPicturesError
from vault.pictures.keeping import PICTURES_AT_MOST
from web.problems import Problem

UNUSABLE_PICTURE = Problem(
    "unusable_picture",
    422,
    "This is no picture that is taken",
    "A picture is a well-formed JPEG, PNG or WebP of one frame, whatever it is called. Nothing of it was kept. The detail says "
    "what is the matter: unknown_format, heic, cut, malformed or animated.",
    "Send a JPEG, PNG or WebP. What a phone wrote as HEIC or AVIF it also turns into a JPEG, before it is sent: `asJpeg` in "
    "examples/device/picture.js does that.",
)
TOO_MANY_PICTURES = Problem(
    "too_many_pictures",
    409,
    "The order has as many pictures as may be",
    f"An order has at most {PICTURES_AT_MOST} pictures.",
    "Delete one that is not needed.",
)

PROBLEMS: Mapping[type[Exception], Problem] = {TooManyPicturesError: TOO_MANY_PICTURES}
FURTHER = (UNUSABLE_PICTURE,)
