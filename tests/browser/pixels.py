"""Search for a colour in the pixels of a chart."""

from playwright.sync_api import Page

_COLOR = """name => {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color.match(/[0-9]+/g).map(Number);
  probe.remove();
  return color;
}"""
_COUNT = f"""name => {{
  const color = ({_COLOR})(name);
  const canvas = document.querySelector('canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext('2d', {{ willReadFrequently: true }});
  context.drawImage(canvas, 0, 0);
  const {{ data }} = context.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < data.length; i += 4) {{
    if (color.every((part, at) => data[i + at] === part) && data[i + 3] === 255) count++;
  }}
  return count;
}}"""
# A vertical line covers at least half of the height.
_VERTICAL_LINES = f"""name => {{
  const color = ({_COLOR})(name);
  return [...document.querySelectorAll('canvas')].map((canvas) => {{
    const {{ width, height }} = canvas;
    const copy = new OffscreenCanvas(width, height);
    const context = copy.getContext('2d', {{ willReadFrequently: true }});
    context.drawImage(canvas, 0, 0);
    const {{ data }} = context.getImageData(0, 0, width, height);
    const isColored = (x, y) =>
      color.every((part, at) => data[(y * width + x) * 4 + at] === part);
    const rows = [...Array(height).keys()];
    return [...Array(width).keys()].filter((x) =>
      rows.filter((y) => isColored(x, y)).length >= height / 2);
  }});
}}"""


def count_pixels(page: Page, color_token: str) -> int:
    """Return how many pixels of the first chart have exactly a colour of the style sheet.

    Args:
        page: A page with a chart.
        color_token: The custom property of the colour, such as `--limit`.
    """
    count: int = page.evaluate(_COUNT, color_token)
    return count


def wait_for_pixels(page: Page, color_token: str, min_count: int) -> None:
    """Wait until the first chart has at least this many pixels of a colour."""
    page.wait_for_function(
        f"([name, min]) => ({_COUNT})(name) >= min", arg=[color_token, min_count]
    )


def vertical_lines(page: Page, color_token: str) -> list[list[int]]:
    """Return the columns of each chart that have a vertical line of a colour.

    Args:
        page: A page with charts.
        color_token: The custom property of the colour, such as `--limit`.
    """
    columns: list[list[int]] = page.evaluate(_VERTICAL_LINES, color_token)
    return columns
