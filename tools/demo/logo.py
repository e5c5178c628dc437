"""A logo for the demo company, so that documents look as they do in a company that has one."""

import base64
import io

from PIL import Image, ImageDraw, ImageFont

SIZE = (420, 96)
COLOUR = "#0b6e6e"
NAME = "Muster Abo"


def draw():
    """The logo as Odoo stores it: a PNG in base64."""
    image = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((4, 8, 84, 88), radius=18, fill=COLOUR)
    pen.arc((22, 26, 66, 70), start=40, end=330, fill="white", width=9)
    pen.polygon(((52, 24), (76, 36), (54, 52)), fill="white")
    pen.text((104, 48), NAME, fill=COLOUR, font=ImageFont.load_default(size=54), anchor="lm")
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return base64.b64encode(stream.getvalue())
