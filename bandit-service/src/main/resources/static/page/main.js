import { Problem } from "./api.js";
import { CreateView } from "./create.js";
import { el, setText } from "./dom.js";
import { ExperimentView } from "./experiment.js";
import { time } from "./format.js";
import { ListView } from "./list.js";

/** Which view the address names, and keeping it fresh. A view has a title, an element, refresh(alive) and perhaps close(). */

const EVERY_MS = 3_000;
/** A service that takes long to answer is asked less often. */
const PART_OF_THE_TIME = 4;
const LEAST_AFTER_FAILURE_MS = 2_000;

const main = document.getElementById("main");
const connection = document.getElementById("connection");
const updated = document.getElementById("updated");

let view = null;
let timer = 0;
let turn = 0;

function viewOf(hash) {
  const [, place = "", id] = hash.replace(/^#/, "").split("/");
  if (place === "") return new ListView();
  if (place === "new") return new CreateView();
  if (place === "experiments" && id) {
    try {
      return new ExperimentView(decodeURIComponent(id));
    } catch (e) {
      if (!(e instanceof URIError)) throw e;
    }
  }
  return missing("There is no such page", "The address names nothing here.");
}

function missing(title, sentence) {
  return {
    title,
    element: el("div", {}, el("h1", { tabindex: "-1" }, title), el("p", {}, sentence), el("p", {}, el("a", { href: "#/" }, "See all experiments"))),
  };
}

function show(next) {
  view?.close?.();
  view = next;
  document.title = `${view.title} – Bandit`;
  main.replaceChildren(view.element);
  for (const link of document.querySelectorAll("header nav a")) {
    if (link.getAttribute("href") === (location.hash || "#/")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function open(first) {
  show(viewOf(location.hash));
  setText(updated, "");
  if (!first) {
    scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  if (!view.refresh) return;
  const mine = ++turn;
  const alive = () => mine === turn;
  const began = performance.now();
  let wait = EVERY_MS;
  try {
    await view.refresh(alive);
    if (!alive()) return;
    connection.hidden = true;
    setText(connection, "");
    setText(updated, `Updated ${time(Date.now())}`);
    wait = Math.max(EVERY_MS, (performance.now() - began) * PART_OF_THE_TIME);
  } catch (problem) {
    if (!alive()) return;
    wait = LEAST_AFTER_FAILURE_MS;
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 404) {
      show(missing("There is no such experiment",
        `Nothing here is called “${view.name ?? ""}”. It may have another name, or have been made on another service.`));
      main.querySelector("h1").focus({ preventScroll: true });
      return;
    }
    const detail = problem.status === 0 ? "The service cannot be reached" : problem.message.replace(/\.$/, "");
    setText(connection, `${detail}. Trying again; numbers may be old.`);
    connection.hidden = false;
  } finally {
    if (alive()) timer = setTimeout(tick, wait);
  }
}

function tick() {
  if (document.hidden) timer = setTimeout(tick, EVERY_MS);
  else refresh();
}

addEventListener("hashchange", () => open(false));
document.querySelector(".skip").addEventListener("click", (event) => {
  // The address is the router's.
  event.preventDefault();
  main.focus();
});
main.addEventListener("bandit:changed", () => refresh());
open(true);
