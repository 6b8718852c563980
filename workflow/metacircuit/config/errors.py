"""The one exception that a user may see."""


class UserError(Exception):
    """A mistake that the user can mend: the command line prints it without a traceback and exits with 1.

    Each entry of `messages` is a complete sentence or two: what is wrong, where, what is allowed, what to do.
    """

    def __init__(self, *messages: str) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))
