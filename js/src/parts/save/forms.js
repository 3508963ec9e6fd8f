import { createMenu } from "../../controls/menu.js";
import { createFilm } from "./film.js";

const EDITOR = "direction-editor";
/** What moves by itself: a path from end to end, an edit from its base. */
const FILMED = ["interpolator", EDITOR];
/** Of which there are pages that move without a kernel. */
const PAGED = [...FILMED, "latent-grid"];
const NOTHING = "Nothing is edited, so nothing would move: move a slider, or film one direction.";
/** A page holds no more pictures. */
const MOST_CELLS = 4096;

/**
 * A form in which something is saved.
 * @typedef {object} Form
 * @property {"picture" | "map" | "gif" | "webp" | "apng" | "page"} form
 * @property {string} short what the button says that it saves
 * @property {string} ending of the file's name
 * @property {string} mime
 * @property {string} making said while it is made
 * @property {boolean} sized whether it has a width
 * @property {boolean} film
 */

/** @typedef {Form & { along: string | null, seconds: number, captions: boolean, about: string, fault: string }} Chosen `about` says what it will be, `fault` why there is none */

/** @param {"gif" | "webp" | "apng"} form @param {string} short @param {string} mime @returns {Form} */
const filmAs = (form, short, mime) => ({
  ...{ form, short, mime, ending: form, making: "Decoding the film…", sized: true, film: true },
});
/** @param {"picture" | "map"} form @returns {Form} */
const still = (form) => ({
  ...{ form, short: "PNG", ending: "png", mime: "image/png", making: "Drawing…" },
  ...{ sized: true, film: false },
});

const PICTURE = still("picture");
const MAP = still("map");
const GIF = filmAs("gif", "GIF", "image/gif");
const WEBP = filmAs("webp", "WebP", "image/webp");
const APNG = filmAs("apng", "APNG", "image/apng");
/** @type {Form} */
const PAGE = {
  ...{ form: "page", short: "page", ending: "html", mime: "text/html", sized: false, film: false },
  making: "Decoding the page…",
};

/**
 * A menu of the forms in which something of a widget is saved; for a film what is to be said of it,
 * for one of an edit also what moves in it.
 * @param {import("../../stage/stage.js").Stage} stage
 * @param {string} kind of widget
 * @param {() => void} onChoose another form was chosen, or another length of a film
 * @param {() => void} onMove something else that moves was chosen
 * @param {AbortSignal} signal
 */
export function createForms(stage, kind, onChoose, onMove, signal) {
  const { model } = stage;
  const { field, select, offer } = createMenu("What", "What is saved", [], choose, signal);
  const moves = createMenu("Moves", "What moves in the film", [], onMove, signal);
  const film = createFilm(onChoose, signal);
  /** @type {Form[]} */
  let offered = [PICTURE];

  const form = () => offered.find((one) => one.form === select.value) ?? offered[0];

  function choose() {
    show();
    onChoose();
  }

  /** Show what is to be said of the form that is chosen. */
  function show() {
    moves.field.hidden = kind !== EDITOR || !form().film;
    film.show(form().film);
  }

  /** Why what is chosen cannot be made; empty where it can. */
  function fault() {
    if (kind === "latent-grid" && form() === PAGE) {
      const { count } = model.get("_cells");
      const cells = `${count.toLocaleString("en")} cells are too many for a page`;
      return count > MOST_CELLS ? `${cells}: it holds ${MOST_CELLS.toLocaleString("en")}.` : "";
    }
    if (kind !== EDITOR || !form().film || moves.select.value) return "";
    /** @type {number[]} */
    const start = model.get("_origin");
    return start.every((x, i) => x === stage.at[i]) ? NOTHING : "";
  }

  // Directions may come and go while the menu is open.
  model.on("change:_rows", () => {
    if (kind !== EDITOR) return;
    const before = moves.select.value;
    offerMoves();
    if (moves.select.value !== before) onMove();
  });

  return {
    field,
    select,
    /** What is to be said of a film. */
    ofFilm: [moves.field, ...film.fields],

    /** Offer what there is now, and choose again what was chosen. */
    offer() {
      const draws = kind !== "latent-map" || model.get("_about").draws;
      const [filmed, paged] = [FILMED, PAGED].map((kinds) => kinds.includes(kind));
      /** @type {[form: Form, text: string, given: boolean][]} */
      const forms = [
        [PICTURE, kind === "latent-grid" ? "All cells" : "Picture", draws],
        [MAP, "Map", kind === "latent-map"],
        [GIF, "Film, GIF", filmed],
        [WEBP, "Film, WebP", filmed],
        [APNG, "Film, APNG", filmed],
        [PAGE, "Page, HTML", paged],
      ];
      const all = forms.filter(([, , given]) => given);
      const before = select.value;
      offered = all.map(([one]) => one);
      const again = offered.some((one) => one.form === before) ? before : offered[0].form;
      offer(
        all.map(([one, text]) => [one.form, text]),
        again,
      );
      field.hidden = all.length < 2;
      if (kind === EDITOR) offerMoves();
      show();
    },

    /** What is chosen. @returns {Chosen} */
    get chosen() {
      const along = (form().film && moves.select.value) || null;
      return { ...form(), ...film.chosen, along, about: aboutOf(form(), along), fault: fault() };
    },
  };

  function offerMoves() {
    /** @type {{ name: string }[]} */
    const rows = model.get("_rows");
    const names = rows.map(({ name }) => /** @type {[string, string]} */ ([name, `only ${name}`]));
    const { value } = moves.select;
    const again = names.some(([name]) => name === value) ? value : "";
    moves.offer([["", "all that is edited"], ...names], again);
  }

  /** @param {Form} chosen @param {string | null} along */
  function aboutOf(chosen, along) {
    if (chosen.form === "page") return "One file that moves without a kernel or a network.";
    if (!chosen.film) return "";
    const ofEdit = along === null ? "the base to the edit" : "limit to limit";
    const way = kind === EDITOR ? ofEdit : "end to end";
    return `${film.chosen.seconds} s from ${way}, and back.`;
  }
}
