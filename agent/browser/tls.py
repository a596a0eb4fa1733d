"""Just enough of TLS framing to see where an encrypted stream says good-bye."""

_HEADER = 5
_ALERT = 21
_APPLICATION_DATA = 23
_SEALED_ALERT = 19  # two bytes of alert, one of type, sixteen of tag: no HTTP message is as short


class AlertFinder:
    """Follows the records of one direction of a stream and finds the first alert in it.

    A plain-text HTTP stream is left alone: its first byte is a letter, which is no TLS record type.
    """

    def __init__(self) -> None:
        self._header = bytearray()
        self._left = 0  # bytes of the current record still to come
        self._plain: bool | None = None

    def alert_at(self, data: bytes) -> int | None:
        """Return where in ``data`` an alert record begins (0 when its header began earlier), or None."""
        if self._plain is None and data:
            self._plain = not 20 <= data[0] <= 24  # noqa: PLR2004 - the five record types of TLS
        if self._plain:
            return None
        at, found = 0, None
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            begin = at - len(self._header)
            taken = data[at : at + _HEADER - len(self._header)]
            self._header += taken
            at += len(taken)
            if len(self._header) == _HEADER:
                kind, self._left = self._header[0], int.from_bytes(self._header[3:5])
                self._header.clear()
                if kind == _ALERT or (kind == _APPLICATION_DATA and self._left == _SEALED_ALERT):
                    found = max(begin, 0) if found is None else found
        return found
