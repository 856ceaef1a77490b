"""The name of an account on its platform."""

import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Handle:
    """An account's name, however it was written: spaces around it and one leading `@` are not part of it.

    Two handles are equal when they name the same account. Most platforms do not tell capitals from small
    letters; for those that do (`handle.fold_case: false` in the platform file) pass `fold_case=False`.
    """

    name: str = field(compare=False)
    fold_case: bool = field(default=True, compare=False)
    key: str = field(init=False)  # the same for every way of writing this account's name

    def __post_init__(self) -> None:
        name = self.name.strip().removeprefix("@")
        object.__setattr__(self, "name", name)
        composed = unicodedata.normalize("NFC", name)
        object.__setattr__(self, "key", composed.casefold() if self.fold_case else composed)

    def same_as(self, written: str) -> bool:
        """Return whether another way of writing a handle names this account."""
        return self == Handle(written, self.fold_case)

    def shown(self, form: str = "@{handle}") -> str:
        """Return the handle as its platform writes it; `form` is the platform file's `handle.show`."""
        return form.replace("{handle}", self.name)

    @classmethod
    def from_shown(cls, shown: str, form: str, *, fold_case: bool = True) -> "Handle":
        """Return the handle that `shown` made of `form`; what is not of that form is taken as it is."""
        before, _, after = form.partition("{handle}")
        return cls(shown.removeprefix(before).removesuffix(after), fold_case)


def account_of(platform: str, handle: str) -> str:
    """Return the key of an account among all platforms; how its handle is written does not matter."""
    return f"{platform} {Handle(handle).key}"
