// Asks the server for prices: one question at a time, the newest wins.

const PATIENCE_MS = 15_000;

// Where a figure's prices are, asked for what was chosen.
export function addressOf(src, asked) {
  const address = new URL(src, location.href);
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return address.href;
}

export class NotAnswered extends Error {}

export class Asking {
  #running = null;
  #known = { address: null, etag: null };

  // The answer; null where it is what was answered last, undefined where it is of no use any more.
  async ask(address) {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const patience = setTimeout(() => running.abort("patience"), PATIENCE_MS);
    try {
      return await this.#fetch(address, running.signal);
    } catch (error) {
      if (this.#running !== running) return undefined;
      throw error instanceof NotAnswered ? error : new NotAnswered(sentence(error, running.signal));
    } finally {
      clearTimeout(patience);
    }
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  async #fetch(address, signal) {
    const headers = { Accept: "application/json" };
    const { etag } = this.#known;
    if (etag && this.#known.address === address) headers["If-None-Match"] = etag;
    const answer = await fetch(address, { headers, signal });
    if (answer.status === 304) return null;
    if (!answer.ok) throw new NotAnswered(await reason(answer));
    const value = await answer.json();
    this.#known = { address, etag: answer.headers.get("ETag") };
    return value;
  }
}

function sentence(error, signal) {
  if (signal.reason === "patience") return "The worker took too long.";
  return error instanceof SyntaxError
    ? "What was answered is not readable."
    : "The worker cannot be reached.";
}

async function reason(answer) {
  const isJson = /json/.test(answer.headers.get("Content-Type") ?? "");
  const problem = isJson ? await answer.json() : {};
  return problem.detail ?? problem.title ?? `The worker answered ${answer.status}.`;
}
