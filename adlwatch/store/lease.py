"""Who keeps a history file: one process at a time, however many show it. The system frees the lease of a process that dies."""

import os
from pathlib import Path
from typing import IO


class Lease:
    """The right to keep the history at `path`, held through a lock on a file beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.lock")
        self._file: IO[bytes] | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self._file is not None

    def take(self) -> bool:
        """Take it if nobody else has it; whether it is ours by then. Raises `OSError` where no lock can be made."""
        if self._file is None:
            file = self._path.open("ab")
            try:
                _lock(file)
            except BlockingIOError:
                file.close()
                return False
            except BaseException:
                file.close()
                raise
            self._file = file
        return True

    def give_up(self) -> None:
        """Let another process have it."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


if os.name == "nt":

    def _lock(file: IO[bytes]) -> None:
        import msvcrt  # noqa: PLC0415  # there only on Windows

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]  # as above
        except PermissionError as error:
            raise BlockingIOError from error

else:

    def _lock(file: IO[bytes]) -> None:
        import fcntl  # noqa: PLC0415  # not there on Windows

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
