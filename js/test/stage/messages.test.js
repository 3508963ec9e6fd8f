/// <reference types="vite/client" />
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHistory } from "../../src/latent_explorer/history.js";
import { Mailbox } from "../../src/stage/mailbox.js";
import text from "../../src/stage/messages.js?raw";
import { read } from "../../src/stage/replies.js";
import { answer, makeModel, makeStore } from "../model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The fields that messages.js writes down for a message. @param {string} name */
function fieldsOf(name) {
  const [, block] =
    text.match(new RegExp(`@typedef \\{object\\} ${name}\\n([\\s\\S]*?)\\*/`)) ?? [];
  const fields = [...(block ?? "").matchAll(/@property \{.+?\} (\[?\w+\]?) ?/g)];
  return fields.map(([, field]) => field);
}

/** @param {Record<string, unknown>} [state] */
function makeMailbox(state = {}) {
  const model = makeModel({ _picture: null, ...state });
  const store = makeStore();
  store.resize(2 ** 20);
  const hearer = { kept: vi.fn(), answered: vi.fn(), refused: vi.fn(), unreached: vi.fn() };
  return { model, store, hearer, mailbox: new Mailbox(model, store, hearer) };
}

describe("what the page sends", () => {
  it("is what is written down, field by field", () => {
    const { model, mailbox } = makeMailbox();
    const question = { route: "a", at: [0.5] };
    mailbox.ask(question);
    mailbox.askStrip("a", [[0], [1]], true);
    mailbox.inquire("latent", question, { suffix: "" });
    mailbox.stop("a");
    const names = ["AskMessage", "StripMessage", "LatentMessage", "StopMessage"];
    for (const [i, name] of names.entries()) {
      expect(Object.keys(model.sent[i]), name).toEqual(fieldsOf(name));
    }
    expect(model.sent.map(({ type, seq }) => [type, seq])).toEqual([
      ["ask", 1],
      ["strip", 2],
      ["latent", 3],
      ["stop", 4],
    ]);
    expect(new Set(model.sent.map(({ client }) => client)).size).toBe(1);
    const explorer = makeModel({});
    const history = createHistory(explorer, () => {}, new AbortController().signal);
    history.send({ type: "open", name: "one" });
    history.send({ type: "walk", at: 0.5 });
    expect(fieldsOf("ExplorerMessage")).toEqual(["type", "[name]", "[at]", "[data]"]);
    expect(explorer.sent).toEqual([
      { type: "open", name: "one" },
      { type: "walk", at: 0.5 },
    ]);
  });

  it("carries a name of its own where it is to replace no other question", () => {
    const { model, mailbox } = makeMailbox();
    mailbox.ask({ route: "a", at: [0] });
    mailbox.ask({ route: "a", at: [0] }, { beside: "loupe", fast: true });
    const [own, beside] = model.sent;
    expect(beside).toMatchObject({ client: `${own.client}-loupe`, fast: true });
  });
});

describe("what the kernel sends", () => {
  it("is told from what others send", () => {
    for (const strange of [null, undefined, 7, "frames", {}, { of: 7 }]) {
      expect(read(strange)).toBeNull();
    }
    expect(read({ of: "ask", type: "stale" })).toEqual({ of: "ask", type: "stale" });
  });

  it("is read whatever else comes over the same channel", () => {
    const { model, hearer } = makeMailbox();
    model.emit("msg:custom", { event: "of another library" }, []);
    for (const heard of Object.values(hearer)) expect(heard).not.toHaveBeenCalled();
  });
});

describe("Mailbox", () => {
  it("keeps frames whoever asked for them, and tells of its own answers alone", () => {
    const { model, store, hearer, mailbox } = makeMailbox();
    answer(model, {
      type: "strip",
      client: "other",
      seq: 4,
      route: "a",
      positions: [[0], [1]],
      drafts: true,
    });
    expect(store.along("a").map(({ at, strip, seq }) => [at, strip, seq])).toEqual([
      [[1], true, 4],
      [[0], true, 4],
    ]);
    expect(hearer.kept).toHaveBeenCalledTimes(1);
    expect(hearer.answered).not.toHaveBeenCalled();
    mailbox.ask({ route: "a", at: [0.5] }, { beside: "loupe" });
    answer(model, model.sent[0]);
    expect(hearer.answered).toHaveBeenCalledTimes(1);
    expect(mailbox.isOwn(hearer.answered.mock.calls[0][0])).toBe(false);
  });

  it("begins with the picture of the saved state", () => {
    const picture = { at: [0.25], route: "a", mime: "image/png", data: btoa("png") };
    const { store, hearer, mailbox } = makeMailbox({ _picture: picture });
    mailbox.takeFirstPicture();
    const frame = store.get("a", [0.25]);
    expect(frame).toMatchObject({ lossless: true, strip: false, seq: 0 });
    expect(frame?.source).toMatchObject({ size: 3, type: "image/png" });
    expect(hearer.kept).toHaveBeenCalledWith([frame]);
  });

  it("begins with several pictures where the state holds the cells of a grid", () => {
    const picture = { at: [0, 0], route: "a", mime: "image/png", data: btoa("png") };
    const other = { ...picture, at: [0, 1], mime: "image/jpeg", lossless: false };
    const { store, mailbox } = makeMailbox({ _picture: [picture, other] });
    mailbox.takeFirstPicture();
    expect(store.get("a", [0, 0])).toMatchObject({ lossless: true, draft: 0 });
    expect(store.get("a", [0, 1])).toMatchObject({ lossless: false, draft: 0 });
    expect(store.get("a", [0, 1])?.source).toMatchObject({ size: 3, type: "image/jpeg" });
  });

  it("keeps the picture of where it is, however many cells the state holds", () => {
    const picture = { route: "a", mime: "image/png", data: btoa("png") };
    const cells = Array.from({ length: 70 }, (_, i) => ({ ...picture, at: [0, i] }));
    const { store, mailbox } = makeMailbox({ _picture: [{ ...picture, at: [9, 9] }, ...cells] });
    mailbox.takeFirstPicture();
    expect(store.along("a")).toHaveLength(64);
    expect(store.get("a", [9, 9])).toBeDefined();
    expect(store.get("a", [0, 0])).toBeDefined();
  });

  it("gives a copy of the latent to whoever asked for it", async () => {
    const { model, mailbox } = makeMailbox();
    const [first, second] = [0, 1].map((t) => mailbox.inquire("latent", { route: "a", at: [t] }));
    for (const { client, seq, route, at } of [...model.sent].reverse()) {
      const text = `latent at ${at}`;
      model.emit("msg:custom", { of: "latent", type: "latent", client, seq, route, text }, []);
    }
    const texts = (await Promise.all([first, second])).map(({ text }) => text);
    expect(texts).toEqual(["latent at 0", "latent at 1"]);
  });

  it("says why there is no latent to copy", async () => {
    const { model, mailbox } = makeMailbox();
    const copied = mailbox.inquire("latent", { route: "a", at: [0.5] });
    const [{ client, seq, route }] = model.sent;
    const about = { of: "latent", type: "error", client, seq, route };
    model.emit("msg:custom", { ...about, message: "no way back" }, []);
    await expect(copied).rejects.toThrow("no way back");
  });

  it("tells what the kernel refused, and that it cannot be reached", () => {
    const { model, hearer, mailbox } = makeMailbox();
    model.emit("msg:custom", { of: "state", type: "error", message: "no" }, []);
    expect(hearer.refused).toHaveBeenCalledWith("no");
    model.send = () => {
      throw new Error("Cannot send");
    };
    expect(mailbox.ask({ route: "a", at: [0] })).toBe(1);
    expect(hearer.unreached).toHaveBeenCalledTimes(1);
  });
});
