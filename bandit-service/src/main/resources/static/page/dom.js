/** Small helpers over the DOM. Whatever comes from the service is put in as text, never as markup. */

/** An element with properties or attributes, and children: elements, texts or nothing. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return element;
}

/** Sets a text, and only if it is another: what is selected stays selected, and screen readers are not told again. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** As many children as there are texts, each an element of that name with its text. */
export function setTexts(parent, name, texts) {
  texts.forEach((text, i) => setText(parent.children[i] ?? parent.appendChild(el(name)), text));
  while (parent.children.length > texts.length) parent.lastElementChild.remove();
}

/**
 * A table that is filled again and again, in a box that scrolls sideways by itself. One that stacks has each row as a list on a phone; for
 * that its roles are written out, which browsers forget where a table is not laid out as one.
 */
export class Table {
  constructor(caption, columns, { stacks = false } = {}) {
    this.columns = columns;
    this.titles = columns.map((column) => column.replace(/#$/, ""));
    const heads = columns.map((column, i) => el("th", { scope: "col", role: "columnheader", class: numeric(column) }, this.titles[i]));
    this.body = el("tbody", { role: "rowgroup" });
    const table = el("table", { role: "table" }, el("caption", { class: "hidden" }, caption),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads)), this.body);
    this.element = el("div", { class: stacks ? "scroll stacks" : "scroll", role: "group", "aria-label": caption }, table);
    this.#reachWhereItScrolls(table);
  }

  /** The keyboard stops at it only where there is something to scroll. */
  #reachWhereItScrolls(table) {
    const { element } = this;
    const observer = new ResizeObserver(() => {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else if (document.activeElement !== element) element.removeAttribute("tabindex");
    });
    observer.observe(element);
    observer.observe(table);
  }

  /** Rows of texts, or of [text, href]; cells that are the same stay untouched. The first cell heads its row. */
  fill(rows) {
    rows.forEach((cells, r) => {
      const row = this.body.children[r] ?? this.body.appendChild(el("tr", { role: "row" }));
      cells.forEach((cell, c) => {
        const existing = row.children[c] ?? row.appendChild(this.#cell(c));
        if (Array.isArray(cell)) setLink(existing, ...cell);
        else setText(existing, cell);
      });
    });
    while (this.body.children.length > rows.length) this.body.lastElementChild.remove();
  }

  #cell(column) {
    return column === 0
      ? el("th", { scope: "row", role: "rowheader" })
      : el("td", { role: "cell", class: numeric(this.columns[column]), "data-title": this.titles[column] });
  }
}

function setLink(cell, text, href) {
  const link = cell.firstElementChild ?? cell.appendChild(el("a"));
  setText(link, text);
  if (link.getAttribute("href") !== href) link.setAttribute("href", href);
}

/** Columns whose name ends in # hold numbers. */
function numeric(column) {
  return column.endsWith("#") ? "number" : undefined;
}
