"""What every page of ours is held to in a browser: contrast, headings, names, and no sideways scroll."""

from itertools import pairwise

from playwright.sync_api import Page

_CONTRAST = """() => {
  const value = (colour) => {
    const parts = colour.match(/[\\d.]+/g).map(Number);
    const linear = parts.slice(0, 3).map((one) => one / 255)
      .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return { alpha: parts[3] ?? 1, light: 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] };
  };
  const back = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const found = value(getComputedStyle(one).backgroundColor);
      if (found.alpha === 1) return found.light;
    }
    return 1;
  };
  const ratio = (one, other) => {
    const pair = [one, other].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((one) => one.nodeType === 3 && one.textContent.trim());
    if (!own || !element.checkVisibility() || element.matches("script, style, .skip, title, desc")) continue;
    const style = getComputedStyle(element);
    const ink = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const ground = element.matches(".band-number")
      ? value(getComputedStyle(element.previousElementSibling).fill).light : back(element);
    const found = ratio(value(ink).light, ground);
    if (found < 4.5) poor.push([element.className.baseVal ?? element.className,
      element.textContent.slice(0, 40), found]);
  }
  const marks = ".line, .day.good, .day.warn, .day.bad, .dot, .column, .band-dot";
  for (const mark of document.querySelectorAll(marks)) {
    const style = getComputedStyle(mark);
    const colour = mark.matches(".line") ? style.stroke : style.fill;
    if (!colour.startsWith("rgb")) continue;
    const found = ratio(value(colour).light, back(mark));
    if (found < 3) poor.push([mark.className.baseVal, "", found]);
  }
  return poor;
}"""
"""Words need 4.5 to 1 against their ground, what is drawn 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11)."""


def poor_contrast(page: Page) -> list[object]:
    """Return the words and marks that stand out too little from their ground."""
    found: list[object] = page.evaluate(_CONTRAST)
    return found


def faults(page: Page) -> list[str]:
    """Return what a screen reader's user would stumble over."""
    told = []
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))"
    )
    if levels[:1] != [1] or levels.count(1) != 1 or any(two - one > 1 for one, two in pairwise(levels)):
        told.append(f"headings {levels}")
    for rule, selector in _MUST_NOT_BE.items():
        told += [rule] * page.locator(selector).count()
    identities = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    told += sorted({f"id {one} twice" for one in identities if identities.count(one) > 1})
    told += [f"nothing is called {one}" for one in page.evaluate(_DANGLING)]
    return told


_MUST_NOT_BE = {
    "a picture without a text": "img:not([alt]), img[alt='']",
    "a link without an address": "a:not([href])",
    "a table without a caption": "table:not(:has(caption))",
    "a drawing with neither role nor hidden": "svg:not([role=img]):not([aria-hidden]):not(svg svg)",
    "a field without a label": "input:not([aria-label]):not(label input)",
    "a page without a language": "html:not([lang])",
}
_DANGLING = """() => [...document.querySelectorAll("[aria-labelledby]")]
  .flatMap((one) => one.getAttribute("aria-labelledby").split(" "))
  .concat([...document.querySelectorAll("a[href^='#']")].map((one) => one.getAttribute("href").slice(1)))
  .filter((one) => !document.getElementById(one))"""


def sticks_out(page: Page) -> list[str]:
    """Return what is wider than the window."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? []
          : [...document.querySelectorAll("body *")]
          .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
          .map((one) => `${one.tagName} ${one.className.baseVal ?? one.className}`)"""
    )
    return found
