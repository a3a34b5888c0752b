// What stays: earlier problems and a few choices in this browser, or in this window's memory; one problem in a link.

import { announce, byId, element } from "./elements.js";

const PAST = "edgethought.history";
const MOST = 50;
const LONGEST = 4000;
const memory = new Map();

/** A value kept in `localStorage`, or in `sessionStorage` for what ends with the window; null when there is none. */
export function kept(name, area = "localStorage") {
  if (memory.has(name)) return memory.get(name);
  try {
    return window[area].getItem(name);
  } catch {
    return null;
  }
}

/** Keep a value, or drop it with null; false when the browser keeps nothing and only this window does. */
export function keep(name, value, area = "localStorage") {
  memory.delete(name);
  try {
    if (value === null) window[area].removeItem(name);
    else window[area].setItem(name, value);
    return true;
  } catch {
    if (value !== null) memory.set(name, value);
    return false;
  }
}

/** Earlier problems, newest first: `[{question, answer}]`; `answer` is empty where it was not shown. */
export function past() {
  try {
    const rows = JSON.parse(kept(PAST) ?? "[]");
    return Array.isArray(rows) ? rows.filter((row) => typeof row?.question === "string") : [];
  } catch {
    return [];
  }
}

/** Put a problem first, once, and show the list; `pick` is called with a problem that is wanted again. */
export function remember(question, answer, pick) {
  const others = past().filter((row) => row.question !== question);
  const lasting = keep(PAST, JSON.stringify([{ question, answer }, ...others].slice(0, MOST)));
  byId("history-note").textContent = lasting
    ? "Kept in this browser, nowhere else."
    : "This browser keeps nothing: the list goes when the page closes.";
  showPast(pick);
}

/** Forget all problems. */
export function forgetAll(pick) {
  keep(PAST, null);
  showPast(pick);
}

/** Show the list of earlier problems. */
export function showPast(pick) {
  const rows = past();
  byId("past").replaceChildren(...rows.map((row) => pastItem(row, pick)));
  byId("history").hidden = rows.length === 0;
}

function pastItem({ question, answer }, pick) {
  const item = element("li");
  const again = element("button", "again");
  again.type = "button";
  again.append(element("span", "text", question), " ", element("span", "answered", answer ? String(answer) : ""));
  again.addEventListener("click", () => pick(question));
  const drop = element("button", "quiet", "Delete");
  drop.type = "button";
  drop.setAttribute("aria-label", `Delete: ${question.slice(0, 60)}`);
  drop.addEventListener("click", () => dropProblem(question, item, pick));
  item.append(again, drop);
  return item;
}

function dropProblem(question, item, pick) {
  const place = [...item.parentElement.children].indexOf(item);
  keep(PAST, JSON.stringify(past().filter((row) => row.question !== question)));
  showPast(pick);
  const rows = byId("past").children;
  (rows[Math.min(place, rows.length - 1)]?.lastElementChild ?? byId("question")).focus();
  announce("Deleted.");
}

/** The link that opens this page with a question: it stands behind the `#`, which browsers send to no server. */
export function linkTo(question, page) {
  return `${page.origin}${page.pathname}#q=${encodeURIComponent(question)}`;
}

/** The question of a fragment such as `#q=Tom%20has`; empty when there is none or it is damaged. */
export function questionIn(fragment) {
  if (!fragment.startsWith("#q=")) return "";
  try {
    return decodeURIComponent(fragment.slice(3)).slice(0, LONGEST).trim();
  } catch {
    return "";
  }
}
