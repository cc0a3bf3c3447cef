"use strict";
const rounded = (box) => ({ x: box.x, y: box.y, right: box.x + box.width, bottom: box.y + box.height });
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

const drawing = (svg) => ({
  label: svg.getAttribute("aria-label"),
  role: svg.getAttribute("role"),
  view: rounded(svg.viewBox.baseVal),
  scale: svg.getBoundingClientRect().width / svg.viewBox.baseVal.width,
  font: Number(svg.getAttribute("font-size")),
  paths: all(":scope > path", svg).map((path) => rounded(path.getBBox())),
  headings: all(":scope > text", svg).map((text) => ({ text: text.textContent, ...rounded(text.getBBox()) })),
  boxes: all("g", svg).map((group) => {
    const { e, f } = group.transform.baseVal.consolidate().matrix;
    const moved = (node) => { const b = node.getBBox(); return rounded({ x: b.x + e, y: b.y + f, width: b.width, height: b.height }); };
    return {
      mark: group.classList[1],
      dashed: getComputedStyle(group.querySelector("rect")).strokeDasharray !== "none",
      crossed: group.querySelector(".cross") !== null,
      title: group.querySelector("title").textContent,
      frame: moved(group.querySelector("rect")),
      texts: all("text", group).map((text) => ({ text: text.textContent, ...moved(text) })),
    };
  }),
});

const edge = document.documentElement.clientWidth;
const measured = {
  title: document.title,
  lang: document.documentElement.lang,
  headings: all("h1, h2, h3, h4, h5, h6").map((heading) => [Number(heading.tagName[1]), heading.textContent]),
  tables: all("table").map((table) => ({
    columns: all("thead th[scope=col]", table).length,
    rows: all("tbody tr", table).map((row) => [all("th[scope=row]", row).length, row.cells.length]),
  })),
  wider: document.documentElement.scrollWidth - edge,
  sticking_out: all("body *:not(svg *)")
    .filter((node) => node.getBoundingClientRect().right > edge + 1 || node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
    .map((node) => `${node.tagName}: ${node.textContent.slice(0, 60)}`),
  drawings: all("svg").map(drawing),
  fetched: performance.getEntriesByType("resource").map((entry) => entry.name),
  fetching: all("[src], link, iframe, object, embed, image, use").map((node) => node.outerHTML),
  scripts: all("script").length,
  handlers: all("*").flatMap((node) => [...node.attributes].filter((attribute) => attribute.name.startsWith("on")).map((attribute) => attribute.name)),
  colours: [...new Set(all("body *").flatMap((node) => { const s = getComputedStyle(node); return [s.color, s.backgroundColor]; }))],
  text: document.body.innerText,
};
const output = document.createElement("pre");
output.id = "measured";
output.textContent = JSON.stringify(measured);
document.body.append(output);
