"""`hashPreview`: an email or telephone number in every form that the server matches, without storing it."""

import base64
import hashlib
from typing import Any, NamedTuple

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.errors import InvalidSelector
from heropixel.identity.emails import normalise_email
from heropixel.identity.identifiers import email_forms, normalise_phone, phone_forms


class Hashes(NamedTuple):
    """The digests of one form of an email or a telephone number."""

    form: str  # a value of the schema's enum `HashForm`
    text: str  # the text that is hashed
    md5: str
    sha1: str
    sha256: str
    sha256_base64: str

    @classmethod
    def of(cls, form: str, text: str) -> "Hashes":
        """Hash a text; hexadecimal in lower case."""
        raw = text.encode()
        sha256 = hashlib.sha256(raw).digest()
        return cls(
            form,
            text,
            hashlib.md5(raw, usedforsecurity=False).hexdigest(),
            hashlib.sha1(raw, usedforsecurity=False).hexdigest(),
            sha256.hex(),
            base64.b64encode(sha256).decode(),
        )


class HashPreviewAnswer(Answer):
    """The answer to `hashPreview`."""

    hashes: list[Hashes] | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The hashes by form."""
        return {each.form: each._asdict() for each in self.hashes} if self.hashes is not None else NOTHING


class HashPreviews:
    """Resolves the digests of contacts."""

    @answers(HashPreviewAnswer)
    async def hash_preview(
        self, context: Context, email: str | None = None, phone: str | None = None, auth: Credentials | None = None
    ) -> HashPreviewAnswer:
        """Every form of an email, of a telephone number, or of both."""
        context.authenticate(auth)
        normal = normalise_email(email) if email else None
        number = normalise_phone(phone) if phone else None
        if not (normal or number):
            raise InvalidSelector
        forms = [(form.name, text) for form, text in email_forms(normal)] if normal else []
        if number:
            forms += zip(("PHONE_WITH_PLUS", "PHONE_WITHOUT_PLUS"), phone_forms(number), strict=True)
        return HashPreviewAnswer(hashes=[Hashes.of(form, text) for form, text in forms])
