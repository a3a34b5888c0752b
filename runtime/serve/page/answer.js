// A solution on the page: the answer or hints to it, how sure it is, what it cost, and other tries beside it.

import { announce, byId, element } from "./elements.js";
import { agrees } from "./numbers.js";
import { hintLabel, stepItem, Steps, stepsOf } from "./steps.js";
import { grouped, typeset } from "./typesetting.js";
import { about, answerLine, answerOf, duration, isAnswered, reasonOf, surenessOf, unitSigns, verdictOf, wayOf } from "./words.js";

const DOTS = 5;
const MOST_TEXT = 20000;
const MOST_OTHER_STEPS = 50;
const steps = new Steps(byId("steps"), byId("steps-rest"));

/** Show a solution: all of it, or for a pupil with an answer of their `own` only what that is worth. */
export function showResult(row, question, own) {
  byId("asked").textContent = question;
  fillAnswer(row);
  steps.begin(row);
  for (const id of ["others-block", "link-block"]) byId(id).hidden = true;
  byId("share").textContent = "Copy a link";
  byId("verdict").hidden = own === null;
  byId("result").hidden = false;
  if (own === null) return showEverything(row);
  showVerdict(row, own);
  conceal(true);
  return showHints();
}

/** Say what a pupil's own answer is worth. */
export function showVerdict(row, own) {
  const [kind, title, text] = verdictOf(own, row);
  byId("verdict").hidden = false;
  byId("verdict").className = `verdict ${kind}`;
  byId("verdict-title").textContent = title;
  byId("verdict-text").textContent = text;
  announce(`${title}. ${text}`);
}

/** Show the answer and all steps. */
export function showEverything(row) {
  steps.all();
  conceal(false);
  const votes = voteItems(row);
  if (votes.length > 0) showOthers("How the tries voted", "", votes);
  announce(answerLine(row));
}

/** Show one more step; whether that was the last and the answer is shown too. */
export function showMore(row) {
  const said = steps.next();
  byId("steps-block").hidden = false;
  if (steps.left === 0) {
    showEverything(row);
    return true;
  }
  showHints();
  announce(said);
  return false;
}

function conceal(on) {
  for (const id of ["answer-block", "more-about", "cost"]) byId(id).hidden = on;
  byId("hints").hidden = !on;
  byId("steps-block").hidden = !steps.any;
}

function showHints() {
  byId("more").textContent = hintLabel(steps.left, steps.any);
  byId("more").hidden = steps.left === 0;
  byId("all").hidden = steps.left === 1;
}

function fillAnswer(row) {
  const answered = isAnswered(row);
  byId("result-title").textContent = answered ? "Answer" : "I’m not sure";
  byId("answer").replaceChildren(...(answered ? answerParts(row.answer, String(row.unit ?? "")) : []));
  byId("answer").hidden = !answered;
  byId("about-value").textContent = answered ? about(row.answer, String(row.unit ?? "")) : "";
  byId("reason").textContent = answered ? noteOf(row) : reasonOf(row);
  byId("steps-title").textContent = answered ? "Step by step" : "What I tried";
  byId("sure").hidden = !answered;
  showSureness(row.confidence);
  byId("written").textContent = String(row.text ?? "").slice(0, MOST_TEXT);
  byId("written-block").hidden = !row.text;
  byId("cost").textContent = costOf(row);
}

function answerParts(answer, unit) {
  const fraction = /^-?\d+\/\d+$/.test(answer);
  if (!fraction && /^[$€£₹]$/.test(unit)) return [element("span", "number", answerOf({ answer, unit }))];
  const number = element("span", "number");
  if (fraction) typeset(number, answer);
  else number.textContent = grouped(answer);
  const [before, after] = unitSigns(number.textContent, unit);
  return [before, number, element("span", "unit", after)];
}

function noteOf(row) {
  return row.reason ? `Note: ${row.reason}.` : "";
}

function showSureness(confidence) {
  const known = typeof confidence === "number";
  for (const id of ["dots", "sure-word"]) byId(id).hidden = !known;
  byId("sure-meaning").textContent = "I can’t tell how sure I am, so follow the steps.";
  if (!known) return;
  const { word, percent, level, meaning } = surenessOf(confidence);
  byId("sure-word").textContent = `${word}, ${percent}%.`;
  byId("sure-meaning").textContent = meaning;
  byId("dots").replaceChildren(
    ...Array.from({ length: DOTS }, (_, place) => element("span", place < level ? "dot on" : "dot")),
  );
}

function costOf(row) {
  const spent = duration(row.timings_ms?.total);
  return [`${String(row.model ?? "A student")} wrote ${wayOf(row.thought)}`, spent && `in ${spent}`].filter(Boolean).join(" ") + ".";
}

/** Show other tries below the answer. */
export function showOthers(title, summary, items) {
  byId("others-title").textContent = title;
  byId("others-summary").textContent = summary;
  byId("others").replaceChildren(...items);
  byId("others-block").hidden = false;
}

/** What the other tries come to; nothing said, nothing shown. */
export function concludeOthers(summary) {
  byId("others-block").hidden = !summary;
  byId("others-summary").textContent = summary;
  if (summary) announce(summary);
}

/** One other try as a list's item, with its steps to unfold. */
export function otherItem(row, first) {
  const item = element("li");
  const says = isAnswered(row) ? answerOf(row) : "not sure";
  item.append(element("span", "what", `With ${wayOf(row.thought)}`), " ", element("strong", "", says), " ");
  item.append(element("span", "note", comparison(row, first)));
  const lines = stepsOf(row);
  if (lines.length > 0) {
    const details = element("details");
    const list = element("ol", "steps");
    list.append(...lines.slice(0, MOST_OTHER_STEPS).map((line) => stepItem(line, row.thought)));
    details.append(element("summary", "", "Its steps"), list);
    item.append(details);
  }
  return item;
}

function comparison(row, first) {
  if (!isAnswered(row)) return reasonOf(row);
  if (!isAnswered(first)) return "an answer where the first way had none";
  return agrees(row.answer, first.answer) ? "the same answer" : "a different answer";
}

/** What several ways say together. */
export function agreement(rows) {
  const answered = rows.filter(isAnswered);
  if (answered.length < 2) return "There are no two answers to compare.";
  const same = answered.every((row) => agrees(row.answer, answered[0].answer));
  if (same) return `${answered.length === 2 ? "Both" : `All ${answered.length}`} ways come to the same answer. That makes it more likely.`;
  return "They do not agree, so at least one of them misread the problem. Compare their steps.";
}

/** The votes of a row as list's items, most first; none where nothing was voted on. */
export function voteItems(row) {
  const votes = Object.entries(row.votes ?? {}).filter(([, count]) => count > 0);
  const total = votes.reduce((sum, [, count]) => sum + count, 0);
  if (total < 2) return [];
  votes.sort(([, one], [, other]) => other - one);
  return votes.map(([answer, count]) => {
    const item = element("li");
    const share = element("meter");
    Object.assign(share, { max: total, value: count });
    share.setAttribute("aria-hidden", "true");
    item.append(element("strong", "", answerOf({ answer, unit: row.unit })), " ", share, " ");
    item.append(element("span", "note", `${count} of ${total} tries`));
    return item;
  });
}
