import { expect, it } from "vitest";
import { createSettings } from "../../src/interpolator/settings.js";
import { makeModel } from "../model.js";

const WAY = { sought: false, words: "", drawn: false, even: false };

/** @param {Record<string, string>} withheld @param {Record<string, string>} methods */
function makeFields(withheld, methods = { slerp: "along the arc", lerp: "straight on" }) {
  const model = makeModel({
    _methods: methods,
    _way: { ...WAY, withheld },
    method: "lerp",
    speed: 1,
    playing: false,
    loop: true,
    even_speed: false,
  });
  const speeds = /** @type {any} */ ({ failed: () => false, saved: () => "" });
  const { fields, follow } = createSettings(model, speeds, new AbortController().signal);
  follow();
  return fields;
}

/** @param {Record<string, string>} withheld */
function makeMethods(withheld) {
  const [field] = makeFields(withheld);
  const select = /** @type {HTMLSelectElement} */ (field.querySelector("select"));
  return { select, options: [...select.options] };
}

it("shows a method that there is not, which cannot be chosen, and says why", () => {
  const { select, options } = makeMethods({ geodesic: "asks for outputs that are numbers" });
  expect(options.map(({ text, disabled }) => [text, disabled])).toEqual([
    ["slerp", false],
    ["lerp", false],
    ["geodesic", true],
  ]);
  expect(options[2].title).toBe("geodesic asks for outputs that are numbers.");
  expect(select.value).toBe("lerp");
  expect(select.title).toBe("lerp: straight on.\ngeodesic asks for outputs that are numbers.");
  expect(select.getAttribute("aria-description")).toBe(select.title);
});

it("says of the method alone where there are all", () => {
  const { select, options } = makeMethods({});
  expect(options).toHaveLength(2);
  expect(select.title).toBe("lerp: straight on.");
});

it("says the method as text where there is no other, as on a page that was saved", () => {
  const [field] = makeFields({}, { lerp: "straight on" });
  expect(field.querySelector("select")).toBe(null);
  expect([...field.children].map(({ textContent }) => textContent)).toEqual(["Method", "lerp"]);
  expect(field.title).toBe("lerp: straight on.");
  const [more] = makeFields({ geodesic: "asks for numbers" }, { lerp: "straight on" });
  expect(more.querySelectorAll("option"), "why there is no other").toHaveLength(2);
});
