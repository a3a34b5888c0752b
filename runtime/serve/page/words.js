// What the page says, in plain words: how sure, in which way, why there is no answer, and on a pupil's own.

import { compare, nearly } from "./numbers.js";
import { grouped } from "./typesetting.js";

const WAYS = { pot: "a program", eot: "equations", cot: "sentences" };
const SURE = [
  [0.9, "Very sure", 5],
  [0.7, "Quite sure", 4],
  [0.5, "Fairly sure", 3],
  [0.3, "Not very sure", 2],
  [0, "Hardly sure", 1],
];
const REASONS = {
  no_thought: "I wrote nothing down.",
  bad_syntax: "What I wrote is no proper sum, so there is nothing to work out.",
  refused: "I wrote something that is not run here, to be safe.",
  no_solution: "What I wrote leads to no number.",
  ambiguous: "What I wrote leads to more than one number, or leaves one open.",
  not_numeric: "What I wrote ends in something that is no number.",
  over_budget: "What I wrote is too large to work out.",
  crashed: "The calculation broke off.",
  truncated: "I did not finish: I ran out of time or of space.",
};

/** A way of thinking, for people. */
export function wayOf(thought) {
  return WAYS[thought] ?? String(thought);
}

/** How sure an answer is: `{word, percent, level, meaning}`; level is 1 to 5. */
export function surenessOf(confidence) {
  const percent = Math.round(Math.min(Math.max(confidence, 0), 1) * 100);
  const [, word, level] = SURE.find(([least]) => confidence >= least) ?? SURE.at(-1);
  return { word, percent, level, meaning: `Of 100 answers I am this sure of, about ${percent} are right.` };
}

/** Why a solution has no answer. */
export function reasonOf(row) {
  if (row.status !== "abstained") return REASONS[row.status] ?? "I found no answer.";
  const sure = typeof row.confidence === "number" ? ` only ${Math.round(row.confidence * 100)}% sure of it` : " not sure enough of it";
  return `I have an idea, but am${sure}, so I would rather not say.`;
}

/** An answer with its unit as one line: `$3.50`, `36%`, `39 animals`. */
export function amount(answer, unit = "") {
  const number = /^-?\d+\/\d+$/.test(answer) ? answer.replace("-", "−") : grouped(answer);
  return withUnit(number, unit);
}

/** About what a fraction comes to, or nothing. */
export function about(answer, unit = "") {
  const value = nearly(answer);
  return value && `about ${withUnit(grouped(value), unit)}`;
}

/** What stands before and after a number for its unit; one thing has none, as `1 pens` reads badly. */
export function unitSigns(number, unit) {
  if (/^[$€£₹]$/.test(unit)) return [number.startsWith("−") ? `−${unit}` : unit, ""];
  if (unit === "%") return ["", "%"];
  return ["", unit && number !== "1" && number !== "−1" ? ` ${unit}` : ""];
}

function withUnit(number, unit) {
  const [before, after] = unitSigns(number, unit);
  const bare = before.startsWith("−") ? number.slice(1) : number;
  return before + (before && /\.\d$/.test(bare) ? `${bare}0` : bare) + after;
}

/** Milliseconds as people say them. */
export function duration(ms) {
  if (!Number.isFinite(ms)) return "";
  if (ms < 950) return `${Math.max(0.1, Math.round(ms / 100) / 10)} seconds`;
  const seconds = Math.round(ms / 1000);
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return ms < 9950 ? `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} seconds` : `${seconds} seconds`;
}

/** Bytes in megabytes. */
export function size(bytes) {
  return bytes > 0 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : "";
}

/** Whether a row has an answer to show. */
export function isAnswered(row) {
  return row.status === "solved" && typeof row.answer === "string";
}

/** A row's answer with its unit. */
export function answerOf(row) {
  return amount(row.answer, String(row.unit ?? ""));
}

/** The answer as one sentence, for reading aloud. */
export function answerLine(row) {
  if (!isAnswered(row)) return `I’m not sure. ${reasonOf(row)}`;
  const sure = typeof row.confidence === "number" ? ` ${surenessOf(row.confidence).word}.` : "";
  return `Answer: ${answerOf(row)}.${sure}`;
}

const TRUSTED = 0.7;
// The student may be the one who is wrong.
const VERDICTS = {
  same: (row) => ["Yes, that’s what I get too", agreed(row.confidence)],
  rounded: () => ["Nearly: yours is rounded", "What I get rounds to your number. Can you say it exactly?"],
  opposite: () => ["Right size, other sign", "Look at which way round the difference goes."],
  different: () => [
    "I get something else",
    "That doesn’t make yours wrong: I misread problems at times. Look at one step after the other, and see where we part.",
  ],
  none: (row) => ["I can’t check this one", `I have no answer to compare yours with. ${reasonOf(row)}`],
};

/** `[kind, title, text]` on a pupil's own answer, kindly. */
export function verdictOf(own, row) {
  const kind = isAnswered(row) ? compare(own, row.answer, row.unit) : "none";
  return [kind, ...VERDICTS[kind](row)];
}

function agreed(confidence) {
  if (typeof confidence !== "number") return "Well done.";
  const sure = surenessOf(confidence).word.toLowerCase();
  return confidence >= TRUSTED ? `Well done. I am ${sure} of it.` : `Well done. I am ${sure} myself, so go through the steps once more.`;
}
