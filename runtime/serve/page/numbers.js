// Numbers as people write them, read exactly: fractions of two BigInts, never floats.

const FRACTIONS = /(\d)?([\u00bc-\u00be\u2150-\u215e\u2189])/gu;
const LEAD = /^(?:(?:the )?answer(?: is)?\s*:?|[a-z]\s*=|=|≈|~|about|i think)\s*/i;
const MONEY = /[$€£¥₹]/gu;
const POWERS = /(^|\P{L})(km|cm|mm|m|ft|in|yd|mi)[23]$/u;
const UNIT = /([\d.,%¢])\s*\p{L}[\p{L}\p{M}\s/.°'’-]*$/u;
// The first digit of other scripts' ten.
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6];
const LONGEST = 80;

/**
 * What a text can mean, exactly: `[{top, bottom, decimals}]`, empty when it is no number. `1,234` means two things, and so
 * does `50%` unless what is asked for has another `unit`.
 */
export function readings(text, unit = "") {
  const plain = tidy(String(text).slice(0, LONGEST + 1));
  if (plain.length > LONGEST || /\d\s*e[+-]?\d/i.test(plain)) return [];
  const sign = /^[-+]/.exec(plain)?.[0] ?? "";
  let rest = plain.slice(sign.length).replace(MONEY, "").trim().replace(POWERS, "$1$2").replace(UNIT, "$1").trim();
  const hundredth = /\s*(?:%|¢)$/u.test(rest);
  if (hundredth) rest = rest.slice(0, -1).trim();
  const found = unsigned(rest).map((one) => (sign === "-" ? { ...one, top: -one.top } : one));
  if (!hundredth) return found;
  const parts = found.map((one) => ({ ...one, bottom: one.bottom * 100n, decimals: one.decimals + 2 }));
  return unit === "" || unit === "%" ? [...found, ...parts] : parts;
}

/** How a pupil's answer compares with the student's: `same`, `rounded`, `opposite` or `different`. */
export function compare(own, answer, unit = "") {
  const [exact] = unsigned(String(answer).replace(/^-/, ""));
  const mine = readings(own, unit);
  if (!exact) return "different";
  const value = String(answer).startsWith("-") ? { ...exact, top: -exact.top } : exact;
  if (mine.some((one) => equal(one, value))) return "same";
  if (mine.some((one) => rounds(one, value))) return "rounded";
  return mine.some((one) => equal({ ...one, top: -one.top }, value)) ? "opposite" : "different";
}

/** Whether two of the server's answers are the same number. */
export function agrees(one, other) {
  return one !== null && other !== null && compare(one, other) === "same";
}

/** A decimal of at most `places` places that is near a fraction such as `7/3`; empty for what is no fraction. */
export function nearly(answer, places = 2) {
  const match = /^(-?)(\d+)\/(\d+)$/.exec(String(answer));
  if (!match || BigInt(match[3]) === 0n) return "";
  const scale = 10n ** BigInt(places);
  const bottom = BigInt(match[3]);
  const digits = ((BigInt(match[2]) * scale * 2n + bottom) / (bottom * 2n)).toString().padStart(places + 1, "0");
  return `${match[1]}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function tidy(text) {
  const vulgar = text.replace(FRACTIONS, (_, digit, sign) => (digit ? `${digit} ` : "") + sign.normalize("NFKC"));
  return vulgar
    .normalize("NFKC")
    .replace(/\p{Nd}/gu, western)
    .replace(/[\u2044\u2215]/gu, "/")
    .replace(/[\u2212\u2010-\u2015]/gu, "-")
    .replace(/[\u200b-\u200f\u2060\ufeff]/gu, "")
    .replace(/\s+/gu, " ")
    .trim()
    .replace(LEAD, "")
    .replace(/^([$€£¥₹])\s*([-+])/u, "$2$1")
    .replace(/[.!]$/, "");
}

function western(digit) {
  const code = digit.codePointAt(0);
  const zero = ZEROS.find((start) => code >= start && code < start + 10);
  return zero === undefined ? digit : String(code - zero);
}

function unsigned(text) {
  const mixed = /^(\d+)(?: and | )(\d+) ?\/ ?(\d+)$/.exec(text);
  if (mixed) {
    const [whole, top, bottom] = mixed.slice(1).map(BigInt);
    return bottom === 0n ? [] : [{ top: whole * bottom + top, bottom, decimals: 0 }];
  }
  const parts = text.split("/").map((part) => part.trim());
  if (parts.length === 1) return decimal(text);
  const [[top], [bottom]] = parts.length === 2 ? parts.map(decimal) : [[], []];
  if (!top || !bottom || bottom.top === 0n) return [];
  return [{ top: top.top * bottom.bottom, bottom: top.bottom * bottom.top, decimals: 0 }];
}

function decimal(text) {
  const found = [];
  const add = (whole, part = "") =>
    found.push({ top: BigInt((whole || "0") + part), bottom: 10n ** BigInt(part.length), decimals: part.length });
  let match;
  if ((match = /^(\d+)[.,]?$/.exec(text))) add(match[1]);
  else if ((match = /^([1-9]\d{0,2}(?:,\d{2,3})*,\d{3})(?:\.(\d+))?$/.exec(text))) add(match[1].replaceAll(",", ""), match[2]);
  else if ((match = /^([1-9]\d{0,2}(?:[ '’]\d{3})+)(?:[.,](\d+))?$/.exec(text))) add(match[1].replace(/\D/g, ""), match[2]);
  else if ((match = /^([1-9]\d{0,2}(?:\.\d{3})+),(\d+)$|^([1-9]\d{0,2}(?:\.\d{3}){2,})$/.exec(text)))
    add((match[1] ?? match[3]).replaceAll(".", ""), match[2]);
  if ((match = /^(\d*)[.,](\d+)$/.exec(text))) {
    add(match[1], match[2]);
    if (/^[1-9]\d{0,2}\.\d{3}$/.test(text)) add(match[1] + match[2]);
  }
  return found;
}

function equal(one, other) {
  return one.top * other.bottom === other.top * one.bottom;
}

/** Whether `value` rounds to `one` at the decimals that `one` shows. */
function rounds(one, value) {
  if (one.decimals === 0) return false;
  const apart = one.top * value.bottom - value.top * one.bottom;
  return (apart < 0n ? -apart : apart) * 2n * 10n ** BigInt(one.decimals) <= one.bottom * value.bottom;
}
