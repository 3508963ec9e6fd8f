import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { decoderNamed } from "../../src/decode_in_page/decoder.js";
import { forgetRefusals } from "../../src/decode_in_page/kept.js";
import { makeWorkers } from "./workers.js";

/** @type {ReturnType<typeof makeWorkers>} */
let workers;
beforeEach(() => {
  count += 1;
  code = `the code, ${count}`;
  vi.useFakeTimers();
  workers = makeWorkers();
});
afterEach(async () => {
  await turn();
  workers.restore();
  vi.useRealTimers();
});

const MADE = { network: [], runtime: [], linear: [], latentShape: [1] };
/** Of this page. */
let code = "";
let count = 0;
const turn = () => vi.advanceTimersByTimeAsync(0);

/** One widget that needs a decoder. @param {string} name */
function makeUser(name, fetch = vi.fn(async () => MADE)) {
  const end = new AbortController();
  const decoder = decoderNamed(name, code, fetch, end.signal);
  decoder.catch(() => {});
  return { fetch, end, decoder };
}

it("one decoder serves all widgets of a page, and ends with the last", async () => {
  const [first, second] = [makeUser("shared"), makeUser("shared")];
  await turn();
  expect(workers.made).toHaveLength(1);
  workers.made[0].answer();
  expect(await first.decoder).toBe(await second.decoder);
  expect([first, second].map(({ fetch }) => fetch.mock.calls.length)).toEqual([1, 0]);
  // A widget that asks again, as after each new path, is still one.
  const again = decoderNamed("shared", code, first.fetch, first.end.signal);
  expect(await again).toBe(await first.decoder);
  first.end.abort();
  await turn();
  expect(workers.made[0].ended).toBe(false);
  second.end.abort();
  // Who comes in this very moment gets another one.
  const third = makeUser("shared");
  await turn();
  expect(workers.made[0].ended).toBe(true);
  expect(workers.made).toHaveLength(2);
  workers.made[1].answer();
  expect((await third.decoder).ended.aborted).toBe(false);
  third.end.abort();
});

it("a decoder that gives nothing is ended, and whoever asks it then fails at once", async () => {
  const user = makeUser("hangs");
  await turn();
  workers.made[0].answer();
  const decoder = await user.decoder;
  const asked = decoder.ask({});
  const failed = expect(asked).rejects.toThrow("it gave nothing for 5 seconds");
  await vi.advanceTimersByTimeAsync(5000);
  await failed;
  expect(workers.made[0].ended).toBe(true);
  await expect(decoder.ask({})).rejects.toThrow("it gave nothing for 5 seconds");
  expect(workers.made[0].tasks, "it was asked after its end").toHaveLength(2);
  workers.made[0].answer(); // too late: nobody waits
  await expect(makeUser("hangs").decoder).rejects.toThrow("it gave nothing for 5 seconds");
  await vi.advanceTimersByTimeAsync(600_000);
  makeUser("hangs");
  await turn();
  expect(workers.made, "the next one has to make another").toHaveLength(2);
});

it("an answer in time keeps a decoder", async () => {
  const user = makeUser("fast");
  await turn();
  workers.made[0].answer();
  const asked = (await user.decoder).ask({});
  await turn();
  workers.made[0].answer({ width: 7 });
  expect(await asked).toMatchObject({ width: 7 });
  await vi.advanceTimersByTimeAsync(100_000);
  expect(workers.made[0].ended).toBe(false);
  const failing = (await user.decoder).ask({});
  await turn();
  workers.made[0].answer({ error: "not here" });
  await expect(failing).rejects.toThrow("not here");
  expect(workers.made[0].ended, "one that fails once is no broken one").toBe(false);
});

it("a worker that dies takes with it all that was asked of it", async () => {
  const user = makeUser("dies");
  await turn();
  workers.made[0].answer();
  const decoder = await user.decoder;
  const both = [decoder.ask({}), decoder.ask({})].map((asked) =>
    expect(asked).rejects.toThrow("out of memory"),
  );
  workers.made[0].fail("out of memory");
  await Promise.all(both);
  expect(decoder.ended.reason).toMatchObject({ message: "out of memory" });
});

it.each(["fails", "never comes, and its widget is closed"])(
  "where what the first fetches %s, the next fetches it",
  async (how) => {
    let lose = () => {};
    const lost = new Promise((_, reject) => {
      lose = () => reject(new Error("the kernel is gone"));
    });
    const first = makeUser(how, /** @type {any} */ (vi.fn(() => lost)));
    const [second, third] = [makeUser(how), makeUser(how)];
    await turn();
    if (how === "fails") lose();
    else first.end.abort();
    await turn();
    await expect(first.decoder).rejects.toThrow();
    expect(workers.made).toHaveLength(1);
    workers.made[0].answer();
    expect(await second.decoder).toBe(await third.decoder);
    expect([second, third].map(({ fetch }) => fetch.mock.calls.length)).toEqual([1, 0]);
    lose();
  },
);

it("one that cannot be made is no better for those who wait or come later", async () => {
  const [first, second] = [makeUser("unknown"), makeUser("unknown")];
  await turn();
  workers.made[0].answer({ error: "no such operator" });
  for (const { decoder } of [first, second]) {
    await expect(decoder).rejects.toThrow("no such operator");
  }
  expect(workers.made).toHaveLength(1);
  expect(workers.made[0].ended).toBe(true);
  await expect(makeUser("unknown").decoder).rejects.toThrow("no such operator");
  expect(workers.made).toHaveLength(1);
  forgetRefusals(code);
  makeUser("unknown");
  await turn();
  expect(workers.made).toHaveLength(2);
});

it("another version of the code has decoders of its own", async () => {
  makeUser("one");
  code += " of another version";
  makeUser("one");
  await turn();
  expect(workers.made).toHaveLength(2);
});

it("one that nobody asks sleeps without a worker, and is made again of what is here", async () => {
  const user = makeUser("sleeps");
  await turn();
  workers.made[0].answer();
  const decoder = await user.decoder;
  const early = decoder.ask({});
  await vi.advanceTimersByTimeAsync(4000);
  workers.made[0].answer();
  await early;
  await vi.advanceTimersByTimeAsync(179_000);
  expect(workers.made[0].ended).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect([workers.made[0].ended, decoder.ended.aborted]).toEqual([true, false]);
  expect(decoder.asleep).toBe(true);
  decoder.wake();
  expect(decoder.asleep, "it is being made").toBe(true);
  const both = [decoder.ask({}), decoder.ask({})];
  await vi.advanceTimersByTimeAsync(6000); // it is given all the time to be made
  const [, worker] = workers.made;
  expect(worker.tasks.map(({ made }) => made)).toEqual([MADE, undefined, undefined]);
  for (const { id } of worker.tasks) worker.onmessage({ data: { id, width: id } });
  await turn();
  expect(decoder.asleep).toBe(false);
  const ids = worker.tasks.slice(1).map(({ id }) => id);
  expect((await Promise.all(both)).map(({ width }) => width)).toEqual(ids);
  expect(user.fetch).toHaveBeenCalledOnce();
  expect(workers.urls).toEqual([]);
  user.end.abort();
  await turn();
  expect(worker.ended).toBe(true);
});

it("one that cannot be made again has ended", async () => {
  const user = makeUser("lost");
  await turn();
  workers.made[0].answer();
  const decoder = await user.decoder;
  await vi.advanceTimersByTimeAsync(180_000);
  const asked = decoder.ask({});
  const { id } = workers.made[1].tasks[0];
  workers.made[1].onmessage({ data: { id, error: "out of memory" } });
  await expect(asked).rejects.toThrow("out of memory");
  expect(decoder.ended.aborted).toBe(true);
});

it("at most four that are not in use keep their workers, those that were used last", async () => {
  const users = [..."abcdef"].map((name) => makeUser(name));
  await turn();
  for (const worker of workers.made) worker.answer();
  const decoders = await Promise.all(users.map(({ decoder }) => decoder));
  const asleep = () => workers.made.map(({ ended }) => Number(ended)).join("");
  expect(asleep(), "all are in use").toBe("000000");
  await vi.advanceTimersByTimeAsync(10_000);
  decoders[0].ask({}).catch(() => {});
  expect(asleep()).toBe("011000");
});

it("what takes a minute to be made is left", async () => {
  const user = makeUser("slow");
  const failed = expect(user.decoder).rejects.toThrow("it gave nothing for 60 seconds");
  await vi.advanceTimersByTimeAsync(60_000);
  await failed;
  expect(workers.urls).toEqual([]);
});

it("a page that forbids workers says so, and keeps no code", async () => {
  workers.forbid("workers are forbidden here");
  await expect(makeUser("forbidden").decoder).rejects.toThrow("workers are forbidden here");
  expect(workers.urls).toEqual([]);
});

it("a worker that cannot read its code keeps none, and one that can keeps none either", async () => {
  const user = makeUser("unread");
  await turn();
  expect(workers.urls).toHaveLength(1);
  workers.made[0].fail("");
  await expect(user.decoder).rejects.toThrow("its worker could not start");
  expect(workers.urls).toEqual([]);
  const other = makeUser("read");
  await turn();
  workers.made[1].answer();
  await other.decoder;
  expect(workers.urls).toEqual([]);
});
