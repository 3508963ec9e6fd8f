import { RecordedModel } from "../recorded/model.js";
import { showPage } from "../recorded/page.js";

showPage((state, places) => new RecordedModel(state, places));
