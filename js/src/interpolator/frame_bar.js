import { addSpot, noSpots } from "../controls/slider.js";
import { distance } from "../frames/store.js";
import { decodedAhead } from "./control.js";

/**
 * Keep the bar under a slider in step with the frames there are.
 * @param {import("../stage/stage.js").Stage} stage
 * @param {ReturnType<typeof import("../controls/slider.js").createSlider>} slider
 * @returns {() => void} shows where they are, if that has changed
 */
export function createFrameBar(stage, slider) {
  let drawn = "";
  return () => {
    const { route, store } = stage;
    const state = `${store.version} ${route} ${stage.at.slice(1)}`;
    if (state === drawn) return;
    drawn = state;
    const spots = noSpots();
    for (const frame of store.along(route)) {
      if (distance(frame.at, stage.at, 0) === 0) addSpot(spots, frame.at[0] ?? 0, frame);
    }
    slider.setBuffer(spots, 0.5 / (stage.model.get("strip_length") - 1));
    slider.track.dataset.lwStrip = String(decodedAhead(stage));
  };
}
