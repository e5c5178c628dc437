"""Small PNG files."""

import io

from PIL import Image

MOST_BYTES = 250_000


def write(png, path):
    """Store a picture with as many colours as the size allows; return the file's size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        small = image.quantize(
            colours, method=Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE
        )
        stream = io.BytesIO()
        small.save(stream, "PNG", optimize=True)
        if stream.tell() <= MOST_BYTES:
            break
    if not path.exists() or path.read_bytes() != stream.getvalue():
        path.write_bytes(stream.getvalue())
    return stream.tell()
