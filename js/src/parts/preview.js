import { createPreview } from "../controls/preview.js";

/** What a slider does before it is moved, for the sliders of an editor. */
export default createPreview;
