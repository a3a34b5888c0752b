"""Where each reply stands in its file: a hash table of 16 bytes an entry, half empty at worst, for millions of them."""

from array import array

_EMPTY = 0
_FIRST = 1 << 10
_FIELDS = 16


def fingerprint(key: str) -> int:
    """64 bits of a hash in hexadecimal; never 0, which is an empty place."""
    return int(key[:_FIELDS], 16) or 1


class OffsetTable:
    """Maps 64-bit fingerprints to offsets: open addressing, linear probing, never more than half full."""

    def __init__(self) -> None:
        self._count = 0
        self._size = _FIRST
        self._keys = array("Q", bytes(8 * _FIRST))
        self._values = array("Q", bytes(8 * _FIRST))

    def __len__(self) -> int:
        return self._count

    def get(self, key: int) -> int | None:
        """The offset of a fingerprint, None where there is none."""
        place = self._place(key)
        return self._values[place] if self._keys[place] == key else None

    def put(self, key: int, offset: int) -> None:
        """Note an offset; the first one of a fingerprint stays."""
        place = self._place(key)
        if self._keys[place] == key:
            return
        self._keys[place], self._values[place] = key, offset
        self._count += 1
        if 2 * self._count > self._size:
            self._grow()

    def _place(self, key: int) -> int:
        mask = self._size - 1
        place = key & mask
        while self._keys[place] not in (_EMPTY, key):
            place = (place + 1) & mask
        return place

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._size *= 2
        self._keys, self._values = array("Q", bytes(8 * self._size)), array("Q", bytes(8 * self._size))
        for key, value in zip(keys, values, strict=True):
            if key != _EMPTY:
                place = self._place(key)
                self._keys[place], self._values[place] = key, value
