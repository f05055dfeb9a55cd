import { call, pathOf } from "./api.js";
import { el, setText } from "./dom.js";
import { pausedOf } from "./verdict.js";

/** The dialog that pauses and resumes single arms. */
export class ArmsDialog {
  #etag = null;
  #names = "";

  constructor(id, changed) {
    this.id = id;
    this.changed = changed;
    this.list = el("ul", { class: "switches" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.element = el("dialog", { "aria-labelledby": "arms-title" },
      el("h2", { id: "arms-title" }, `Arms of ${id}`),
      el("p", {}, "Nobody gets an arm while it is paused. What it has learned is kept, and rewards that arrive late still count."),
      this.list, this.problem,
      el("p", { class: "tools" }, el("button", { type: "button", onclick: () => this.element.close() }, "Close")));
  }

  open() {
    this.problem.hidden = true;
    this.element.showModal();
  }

  /** The arms as they are now; buttons stay the same elements, so that the focus stays on them. */
  update(experiment, etag) {
    this.#etag = etag;
    const names = experiment.variants.map(({ name }) => name);
    if (this.#names !== JSON.stringify(names)) {
      this.#names = JSON.stringify(names);
      this.list.replaceChildren(...names.map((name) => this.#line(name)));
    }
    const paused = pausedOf(experiment);
    names.forEach((name, i) => {
      const button = this.list.children[i].querySelector("button");
      const move = paused.has(name) ? "Resume" : "Pause";
      setText(button, move);
      if (button.ariaLabel !== `${move} ${name}`) button.ariaLabel = `${move} ${name}`;
      button.dataset.move = move.toLowerCase();
    });
  }

  #line(name) {
    const button = el("button", { type: "button", onclick: () => this.#send(name, button) });
    return el("li", {}, el("span", {}, name), button);
  }

  async #send(name, button) {
    button.disabled = true;
    this.problem.hidden = true;
    try {
      const path = pathOf(this.id, `/arms/${encodeURIComponent(name)}/${button.dataset.move}`);
      const { body, etag } = await call("POST", path, undefined, { "If-Match": this.#etag });
      this.update(body, etag);
    } catch (problem) {
      setText(this.problem, problem.status === 412 ? "Somebody has changed this experiment meanwhile. Look at it again, then try again." : problem.message);
      this.problem.hidden = false;
    } finally {
      button.disabled = false;
      button.focus();
      this.changed();
    }
  }
}
