"""Little synthetic files that a person's phone can send: a drawn picture, a silent voice note, a sticker.

- Real formats (PNG, Ogg Opus, WebP), so that a bot which looks inside is not fooled; nobody is pictured or recorded.
- The same bytes every time.
"""

from __future__ import annotations

import base64
import functools
import struct
import zlib

VOICE_SECONDS = 4
PHOTO_SIZE = (320, 240)
STICKER_EMOJI = "🌻"

# One transparent pixel, lossless; the page draws the emoji instead.
STICKER = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")

_OGG_POLYNOMIAL = 0x04C11DB7  # RFC 3533, section 6
_SILENT_PACKET = b"\xf8\xff\xfe"  # 20 ms of Opus silence
_SAMPLES_PER_PACKET = 960  # at 48 kHz, the clock of every Opus stream
_PACKETS_PER_PAGE = 50


@functools.cache
def photo() -> bytes:
    """A PNG of PHOTO_SIZE: a low sun over two hills."""
    width, height = PHOTO_SIZE
    rows = b"".join(b"\x00" + b"".join(_pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _pixel(x: int, y: int) -> bytes:
    if y > 205 - (x - 60) ** 2 // 420:
        return bytes((64, 104, 92))
    if y > 190 - (x - 250) ** 2 // 300:
        return bytes((104, 146, 122))
    if (x - 170) ** 2 + (y - 92) ** 2 < 34**2:
        return bytes((250, 214, 137))
    return bytes((246, 196 - y // 4, 160 + y // 6))


@functools.cache
def voice(seconds: int = VOICE_SECONDS) -> bytes:
    """An Ogg Opus file of so many seconds of silence."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 0, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"hilo" + struct.pack("<I", 0)
    total = seconds * 50
    pages = [_ogg_page([head], number=0, position=0, flags=2), _ogg_page([tags], number=1, position=0)]
    for start in range(0, total, _PACKETS_PER_PAGE):
        count = min(_PACKETS_PER_PAGE, total - start)
        ends = 4 if start + count == total else 0
        position = (start + count) * _SAMPLES_PER_PACKET
        pages.append(_ogg_page([_SILENT_PACKET] * count, number=len(pages), position=position, flags=ends))
    return b"".join(pages)


def _ogg_page(packets: list[bytes], *, number: int, position: int, flags: int = 0) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 1, number, 0, len(packets))
    page = header + sizes + b"".join(packets)
    return page[:22] + struct.pack("<I", _ogg_checksum(page)) + page[26:]


def _ogg_checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (_OGG_POLYNOMIAL if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF
