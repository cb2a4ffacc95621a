"""Whether charts are really drawn: what a canvas shows, not whether there is one."""

from playwright.sync_api import Page

from tests.support.waiting import until

SECONDS = 20.0
_PAINTED = """() => {
  const ink = (name) => {
    const probe = document.createElement('canvas').getContext('2d');
    probe.fillStyle = getComputedStyle(document.body).getPropertyValue(name).trim();
    probe.fillRect(0, 0, 1, 1);
    return probe.getImageData(0, 0, 1, 1).data.slice(0, 3).join();
  };
  const names = ['--jade', '--c-amber', '--c-blue', '--c-plum', '--c-rose', '--c-teal'];
  const colours = new Set(names.map(ink));
  return [...document.querySelectorAll('figure[data-chart]')].map((figure) => {
    const canvas = figure.querySelector('canvas');
    if (!canvas) return [figure.id, 0];
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let i = 0; i < data.length; i += 4) {
      const solid = data[i + 3] === 255;
      if (solid && colours.has([data[i], data[i + 1], data[i + 2]].join())) painted += 1;
    }
    return [figure.id, painted];
  });
}"""
LEAST = 20
"""Pixels in the colours of the series that a line of one point has, too."""


def wait_until_painted(page: Page, *ids: str) -> None:
    """Every chart of the page shows its series in the page's own colours; these ones among them."""

    def painted() -> bool:
        found = dict(page.evaluate(_PAINTED))
        return found.keys() >= set(ids) and all(count >= LEAST for count in found.values())

    until(painted, what=f"that charts are painted: {ids}", limit=SECONDS)
