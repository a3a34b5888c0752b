// Talks to the server: its students, and a solution that comes as a stream of events.

const JSON_TYPE = "application/json";

/** What went wrong: `kind` is unreachable, token, busy, refused, broken or stopped. */
export class Failure extends Error {
  constructor(kind, message = "", retryAfter = 0) {
    super(message);
    this.kind = kind;
    this.retryAfter = retryAfter;
  }
}

/** Reads `text/event-stream` as it comes in pieces; `read` gives the events `[name, data]` that are whole. */
export class EventReader {
  #rest = "";

  read(text) {
    this.#rest = (this.#rest + text).replace(/\r\n/g, "\n");
    const blocks = this.#rest.split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(eventOf).filter(([, data]) => data !== "");
  }
}

function eventOf(block) {
  const lines = block.split("\n");
  const values = (field) =>
    lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ""));
  return [values("event").at(-1) ?? "message", values("data").join("\n")];
}

/** `{models, default}` of the server. Throws Failure. */
export async function students({ token }) {
  const response = await send("/models", { headers: headers(token) });
  return body(response);
}

/** The row of a solution; `onQueued(position)` and `onText(thought, piece)` are told on the way. Throws Failure. */
export async function solve(question, { token, signal, onQueued = () => {}, onText = () => {} }) {
  const response = await send("/solve", {
    method: "POST",
    headers: { ...headers(token), "Content-Type": JSON_TYPE },
    body: JSON.stringify({ ...question, stream: true }),
    signal,
  });
  if (!(response.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) return body(response);
  const told = {
    queued: ({ position }) => onQueued(Number(position) || 0),
    text: ({ thought, text }) => onText(String(thought ?? ""), String(text ?? "")),
    error: ({ error }) => {
      throw new Failure("refused", String(error?.message ?? ""));
    },
  };
  for await (const [name, data] of events(response, signal)) {
    if (name === "solution") return parsed(data);
    told[name]?.(parsed(data));
  }
  throw new Failure("broken");
}

async function send(path, options) {
  const response = await network(() => fetch(path, { ...options, cache: "no-store" }), options.signal);
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const message = String(told?.error?.message ?? "");
  const kind = { 401: "token", 403: "token", 429: "busy", 503: "busy" }[response.status] ?? "refused";
  throw new Failure(kind, message, Number(response.headers.get("Retry-After")) || 0);
}

async function* events(response, signal) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const found = new EventReader();
  try {
    for (;;) {
      const { done, value } = await network(() => reader.read(), signal, "broken");
      if (done) return;
      yield* found.read(decoder.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What the network gives; a stop is told from a connection that is not there. */
async function network(attempt, signal, kind = "unreachable") {
  try {
    return await attempt();
  } catch (error) {
    throw new Failure(signal?.aborted ? "stopped" : kind, String(error?.message ?? ""));
  }
}

async function body(response) {
  return parsed(await network(() => response.text(), undefined, "broken"));
}

function parsed(text) {
  try {
    const value = JSON.parse(text);
    if (value !== null && typeof value === "object") return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Failure("broken", "the reply is no JSON object");
}

function headers(token) {
  return token ? { Accept: `text/event-stream, ${JSON_TYPE}`, Authorization: `Bearer ${token}` } : { Accept: `text/event-stream, ${JSON_TYPE}` };
}
