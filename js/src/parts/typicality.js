import { atEnd } from "../dom/element.js";
import { createGauge } from "./typicality/gauge.js";
import { shade } from "./typicality/shade.js";
import { createStandings } from "./typicality/standings.js";

/**
 * Where the latent stands among ordinary ones, and where sliders leave these: found out once nobody
 * moves, and shown by all views.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {AbortSignal} signal ends with the widget
 */
export default function createTypicality(stage, signal) {
  const standings = createStandings(stage, signal);
  /** @type {Set<() => void>} */
  const gauges = new Set();
  let request = 0;

  function follow() {
    request = 0;
    const { shaded, trackOf } = standings;
    for (const { axis, ends, show } of shaded) show(trackOf(axis, ends));
    for (const gauge of gauges) gauge();
  }

  stage.listen(() => {
    request ||= requestAnimationFrame(follow);
  }, signal);
  atEnd(signal, () => cancelAnimationFrame(request));

  return {
    /**
     * The gauge of one view.
     * @param {AbortSignal} signal
     * @param {(test: string) => string} [advice] what can be done where a test fails
     */
    gauge(signal, advice = () => "") {
      const { root, show } = createGauge(stage, standings.found, advice, signal);
      gauges.add(show);
      atEnd(signal, () => gauges.delete(show));
      show();
      return root;
    },

    /**
     * Shade a slider of one view, see `shade`.
     * @param {Parameters<typeof shade>[1]} slider
     * @param {number} axis
     * @param {() => number[]} ends
     * @param {AbortSignal} signal
     */
    shade: (slider, axis, ends, signal) => shade(standings, slider, axis, ends, signal),
  };
}
