// The report's page: details of points, tables that sort and filter, and the browser of answers.
// Text of models and data sets is only ever put in place as text.
"use strict";

const PAGE = 20;
const FEWEST_ROWS_TO_FILTER = 6;
const UNITS = { ms: 1e-3, s: 1, min: 60, kB: 1e3, MB: 1e6 };

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// ---- the frontier: what a point is, by mouse, finger or keyboard
function showDetails(point, tip) {
  const [title, ...lines] = point.dataset.details.split("\n");
  tip.replaceChildren(element("strong", {}, title), ...lines.map((line) => element("div", {}, line)));
  tip.hidden = false;
  const at = point.querySelector("circle").getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(8, Math.min(room, at.left + at.width / 2 - tip.offsetWidth / 2)) + scrollX}px`;
  const above = at.top - tip.offsetHeight - 8;
  tip.style.top = `${(above > 0 ? above : at.bottom + 8) + scrollY}px`;
}

function openFrontier() {
  const tip = document.getElementById("tip");
  const hide = () => { tip.hidden = true; };
  for (const point of document.querySelectorAll(".point")) {
    for (const name of ["pointerenter", "focus"]) point.addEventListener(name, () => showDetails(point, tip));
    for (const name of ["pointerleave", "blur"]) point.addEventListener(name, hide);
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

// ---- tables
function figure(text) {
  const match = /^[^\d+\-–]*([+\-]?[\d,]*\.?\d+)\s*(ms|s|min|kB|MB)?(?![\w])/.exec(text);
  return match ? Number(match[1].replaceAll(",", "")) * (UNITS[match[2]] ?? 1) : null;
}

function compareCells(one, other, numbers) {
  const [a, b] = [one.textContent, other.textContent];
  if (!numbers) return a.localeCompare(b, undefined, { numeric: true });
  const [x, y] = [figure(a), figure(b)];
  return x === null || y === null ? (x === null) - (y === null) : x - y;
}

function sortBy(table, column) {
  const head = table.tHead.rows[0].cells[column];
  const descending = head.getAttribute("aria-sort") === "ascending";
  const numbers = head.classList.contains("number");
  for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows];
  rows.sort((a, b) => compareCells(a.cells[column], b.cells[column], numbers) * (descending ? -1 : 1));
  table.tBodies[0].append(...rows);
}

function openTable(table) {
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = element("button", { type: "button", textContent: cell.textContent });
    button.addEventListener("click", () => sortBy(table, column));
    cell.replaceChildren(button);
  });
  const rows = [...table.tBodies[0].rows];
  if (rows.length < FEWEST_ROWS_TO_FILTER || !table.querySelector("th.number")) return;
  const input = element("input", { type: "search", placeholder: "rows with …", autocomplete: "off" });
  input.setAttribute("aria-label", "Show only rows with these words");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  table.parentElement.before(element("p", { className: "filter" }, input));
}

// ---- answers
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

function read(data) {
  const problems = data.problems.map(([task, id, question, gold]) => (
    { task: data.tasks[task], id, question, gold, answers: [] }));
  return data.samples.map(([artifact, problem, verdict, thought, text, value, reason, ms, tokens, confidence, votes]) => {
    const answer = { artifact: data.artifacts[artifact], problem: problems[problem], verdict: data.verdicts[verdict],
      thought, text, value, reason, ms, tokens, confidence, votes };
    answer.problem.answers.push(answer);
    return answer;
  });
}

const words = (verdict) => verdict.replaceAll("_", " ");
const given = (answer) => (answer.value === null ? "no answer" : answer.value);

function facts(answer) {
  const rows = [["gold answer", answer.problem.gold], ["answered", given(answer)]];
  if (answer.reason) rows.push([answer.value === null ? "why there is none" : "note", answer.reason]);
  if (answer.confidence !== null) rows.push(["confidence", answer.confidence.toFixed(2)]);
  if (answer.votes.length) rows.push(["votes", answer.votes.map(([value, count]) => `${value} ×${count}`).join(", ")]);
  rows.push(["cost", `${answer.ms.toLocaleString("en")} ms, ${answer.tokens} tokens`]);
  const others = answer.problem.answers.filter((other) => other !== answer);
  if (others.length) {
    rows.push(["others", element("ul", {}, ...others.map((other) => element("li", {},
      `${other.artifact}: ${words(other.verdict)}${other.value === null ? "" : `, ${other.value}`}`)))]);
  }
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

function card(answer) {
  const kind = answer.verdict === "right" || answer.verdict === "wrong" ? answer.verdict : "none";
  const summary = element("summary", {}, element("span", { className: `mark ${kind}` }, words(answer.verdict)), " ",
    element("span", { className: "of" }, `${answer.problem.id} · ${answer.artifact}`), " ",
    element("span", { className: "asked" }, answer.problem.question));
  const made = element("details", { className: "answer" }, summary);
  made.addEventListener("toggle", () => {
    if (made.open && made.children.length === 1) {
      made.append(element("p", {}, answer.problem.question),
        element("p", { className: "quiet" }, `thought as written (${answer.thought})`),
        element("pre", {}, answer.text || " "), facts(answer));
    }
  });
  return made;
}

function choices(select, names) {
  select.append(element("option", { value: "" }, "any"),
    ...names.map((name) => element("option", { value: name }, words(name))));
}

function admits(form, answer) {
  const chosen = (name) => form.elements[name].value;
  if (chosen("artifact") && chosen("artifact") !== answer.artifact) return false;
  if (chosen("task") && chosen("task") !== answer.problem.task) return false;
  if (chosen("right") && (chosen("right") === "yes") !== (answer.verdict === "right")) return false;
  if (chosen("verdict") && chosen("verdict") !== answer.verdict) return false;
  const wanted = chosen("words").trim().toLowerCase();
  return !wanted || [answer.problem.question, answer.text, answer.problem.id].some((text) => text.toLowerCase().includes(wanted));
}

async function openBrowser() {
  const browser = document.getElementById("browser");
  const data = await unpack(document.getElementById("samples").textContent);
  const answers = read(data);
  const form = browser.querySelector("form");
  const [count, list, more] = [".count", ".answers", ".more"].map((name) => browser.querySelector(name));
  choices(form.elements.artifact, data.artifacts);
  choices(form.elements.task, data.tasks);
  choices(form.elements.verdict, data.verdicts);
  let shown = [];
  const extend = () => {
    const from = list.children.length;
    list.append(...shown.slice(from, from + PAGE).map(card));
    more.hidden = list.children.length >= shown.length;
    return list.children[from];
  };
  const choose = () => {
    shown = answers.filter((answer) => admits(form, answer));
    list.replaceChildren();
    count.textContent = `${shown.length.toLocaleString("en")} of ${answers.length.toLocaleString("en")} answers`;
    extend();
  };
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => extend()?.querySelector("summary").focus());
  choose();
  browser.hidden = false;
}

// Paper has no summaries to open.
function openForPaper() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not(.answer):not([open])")];
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of opened) part.open = false; });
}

openFrontier();
document.querySelectorAll("table").forEach(openTable);
openForPaper();
openBrowser();
