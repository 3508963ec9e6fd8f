/** The frames of a strip are shown this often. */
const PIECE_MS = 150;

/** @typedef {import("./worker.js").Done} Done */
/** @typedef {(answer: import("../stage/replies.js").FramesAnswer | import("../stage/replies.js").ErrorAnswer, buffers: any[]) => void} Deliver */

/**
 * Answer questions for frames, as the kernel would. Strips let single pictures go first, and a new
 * strip takes the place of the one that the same client asked for before.
 * @param {(at: number[]) => Promise<Done>} decode makes the picture of a place
 */
export function createAnswers(decode) {
  /** Ends with the exact picture that was asked for last. */
  let asked = Promise.resolve();
  /** @type {Map<string, number>} the strip that each client has asked for last, by its number */
  const newest = new Map();

  /** Wait until nobody waits for a picture. */
  async function free() {
    for (let last; last !== asked; ) {
      last = asked;
      await last;
    }
  }

  /** @param {any} question @param {Deliver} deliver */
  async function answer(question, deliver) {
    deliver(...answerOf(question, [question.at], [await decode(question.at)], false));
  }

  /** @param {any} question @param {Deliver} deliver */
  async function answerStrip(question, deliver) {
    const { client, seq, positions } = question;
    renew(question);
    let since = performance.now();
    /** @type {Done[]} */
    let found = [];
    for (let end = 1; end <= positions.length; end++) {
      await free();
      if (newest.get(client) !== seq) return; // a newer one has taken its place
      found.push(await decode(positions[end - 1]));
      const more = end < positions.length;
      if (more && performance.now() - since < PIECE_MS) continue;
      deliver(...answerOf(question, positions.slice(end - found.length, end), found, more));
      [since, found] = [performance.now(), []];
    }
  }

  /** What is asked takes the place of an older strip. @param {any} question */
  function renew({ type, client, seq }) {
    if (type === "strip") newest.set(client, seq);
  }

  return {
    renew,

    /** Make what is asked for. @param {any} question @param {Deliver} deliver */
    make(question, deliver) {
      if (question.type === "strip") return answerStrip(question, deliver);
      const answered = answer(question, deliver);
      asked = answered.catch(() => {});
      return answered;
    },

    /** Go on with a strip no more, if it is the newest. @param {string} client @param {number} seq */
    drop(client, seq) {
      if (newest.get(client) === seq) newest.delete(client);
    },
  };
}

/**
 * Answer a question for frames as the kernel would.
 * @param {any} question
 * @param {number[][]} positions
 * @param {Done[]} found the pictures there
 * @param {boolean} more whether more follow
 * @returns {Parameters<Deliver>}
 */
function answerOf({ type: of, client, seq, route }, positions, found, more) {
  const frames = found.map(({ width }, i) => {
    return { at: positions[i], mime: `image/x-rgba;width=${width}`, lossless: true, draft: 0 };
  });
  const ms = found.reduce((sum, done) => sum + (done.ms ?? 0), 0) / found.length;
  const buffers = found.map(({ pixels }) => pixels);
  return [{ type: "frames", of, client, seq, route, frames, ms, more, sent: 0 }, buffers];
}
