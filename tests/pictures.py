"""Small images, their hashes, and the bodies in which they are uploaded."""

import base64
import hashlib
import io
import os

import numpy as np
from PIL import Image


def picture(seed=0, kind="PNG", size=(40, 30), **kw):
    """Bytes of a small image that nothing else has."""
    pixels = np.random.RandomState(seed or int.from_bytes(os.urandom(3), "big")).randint(
        0, 255, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **kw)
    return out.getvalue()


def hash_of(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def multipart(parts, boundary="xyz"):
    """A body as the SDK makes it, from (name, filename, content)."""
    body = b""
    for name, filename, content in parts:
        body += (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
                 f'filename="{filename}"\r\nContent-Type: image/*\r\n\r\n').encode() + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
