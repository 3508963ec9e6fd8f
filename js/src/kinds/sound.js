import { atEnd, element } from "../dom/element.js";
import { icon } from "../dom/svg.js";
import { createPlot, drawLines, pathOf } from "../frames/lines.js";
import { createTiles, tilesOf } from "../frames/tiles.js";

const ASPECT = 2;
const PLAY = "M4 2.5v11l9.5-5.5z";
const STOP = "M4 4h8v8H4z";
/** The largest sample there can be, by which the others are divided. */
const FULL = 32768;
/** Where in the file its parts begin, in bytes. */
const CHANNELS_AT = 22;
const RATE_AT = 24;
const COUNT_AT = 44;
const SAMPLES_AT = 56;
/** The event that tells the page that a sound begins: all others stop. */
const BEGUN = "lw-sound-begun";

/**
 * Sounds of one frame.
 * @typedef {object} Sounds
 * @property {Int16Array} samples of one sound after the other
 * @property {number} count
 * @property {number} channels
 * @property {number} rate samples a second
 * @property {string[][]} [paths] what each channel of each sound looks like
 * @property {number} bytes
 * @property {() => void} close
 */

/**
 * @param {ArrayBuffer} data a WAV file as the kernel writes it
 * @returns {Sounds}
 */
export function read(data) {
  const view = new DataView(data);
  return {
    samples: new Int16Array(data, SAMPLES_AT),
    count: view.getUint32(COUNT_AT, true),
    channels: view.getUint16(CHANNELS_AT, true),
    rate: view.getUint32(RATE_AT, true),
    bytes: data.byteLength,
    close() {},
  };
}

/**
 * The channels of one of the sounds, from -1 to 1.
 * @param {Sounds} sounds
 * @param {number} i
 */
export function channelsOf({ samples, count, channels }, i) {
  const length = samples.length / channels / count;
  return Array.from({ length: channels }, (_, j) => {
    const channel = new Float32Array(length);
    let from = i * length * channels + j;
    for (let k = 0; k < length; k++) {
      channel[k] = samples[from] / FULL;
      from += channels;
    }
    return channel;
  });
}

/** @param {Sounds} sounds */
function secondsOf({ samples, count, channels, rate }) {
  return samples.length / channels / count / rate;
}

/**
 * Play a sound; gives what stops it.
 * @param {Float32Array<ArrayBuffer>[]} channels
 * @param {number} rate
 * @param {() => void} onEnd
 */
function play(channels, rate, onEnd) {
  const context = new AudioContext();
  const buffer = context.createBuffer(channels.length, channels[0].length, rate);
  for (const [i, channel] of channels.entries()) buffer.copyToChannel(channel, i);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.addEventListener("ended", onEnd);
  source.start();
  return () => void context.close();
}

/**
 * Show on a button what it does.
 * @param {HTMLButtonElement} button
 * @param {boolean} on whether its sound is playing
 */
function label(button, on) {
  button.dataset.lwPlaying = String(on);
  button.replaceChildren(icon(on ? STOP : PLAY));
  button.title = on ? "Stop" : "Play the sound";
  button.setAttribute("aria-label", button.title);
}

/**
 * Sounds: their waves, and a button that plays one. One plays at a time, on the whole page.
 * @param {AbortSignal} signal ends with the widget
 * @returns {import("../frames/kind.js").Kind}
 */
export default (signal) => {
  /** @type {WeakMap<HTMLElement, Sounds>} what is painted where */
  const painted = new WeakMap();
  /** @type {WeakSet<HTMLElement>} where there is nothing to press */
  const bare = new WeakSet();
  /** @type {{ root: HTMLElement, stop: () => void } | null} */
  let playing = null;

  /** @param {HTMLElement} root @param {number} i which of its sounds */
  function start(root, i) {
    const opened = painted.get(root);
    const tile = root.children[i];
    const button = tile.querySelector("button");
    const waves = tile.querySelector("div");
    if (!opened || !button || !waves) return;
    const close = play(channelsOf(opened, i), opened.rate, () => playing?.stop());
    const cursor = element("div", { class: "lw-cursor" });
    tile.append(cursor);
    const duration = 1000 * secondsOf(opened);
    cursor.animate([{ left: `${waves.offsetLeft}px` }, { left: "100%" }], { duration });
    label(button, true);
    playing = {
      root,
      stop() {
        playing = null;
        close();
        cursor.remove();
        label(button, false);
      },
    };
  }

  /** @param {HTMLElement} root */
  function stopIn(root) {
    if (playing?.root === root) playing.stop();
  }

  document.addEventListener(BEGUN, () => playing?.stop(), { signal });

  return {
    word: "Sound",
    role: "group", // whose buttons can be pressed
    pixels: false,
    open: async (source) => read(await source.arrayBuffer()),
    create(name, ended, small) {
      const root = createTiles(name, "sound", ASPECT);
      if (small) bare.add(root);
      atEnd(ended, () => stopIn(root));
      return root;
    },
    /** @param {HTMLElement} root @param {Sounds} opened */
    paint(root, opened) {
      stopIn(root); // what is heard is what is shown
      painted.set(root, opened);
      const { count, channels } = opened;
      opened.paths ??= Array.from({ length: count }, (_, i) =>
        channelsOf(opened, i).map((channel) => pathOf(channel, -1, 1)),
      );
      const tiles = tilesOf(root, count, ASPECT, (i) => {
        const waves = element("div", { class: "lw-waves" });
        if (bare.has(root)) return [waves];
        const button = element("button", { type: "button", class: "lw-button lw-hear" });
        label(button, false);
        button.addEventListener("click", () => {
          const on = button.dataset.lwPlaying === "true";
          document.dispatchEvent(new CustomEvent(BEGUN)); // stops this one too
          if (!on) start(root, i);
        });
        return [waves, button, element("span", { class: "lw-length" })];
      });
      for (const [i, tile] of tiles.entries()) {
        const [waves, , length] = tile.children;
        const paths = opened.paths[i];
        if (waves.children.length !== channels) waves.replaceChildren(...paths.map(createPlot));
        for (const [j, path] of paths.entries()) drawLines(waves.children[j], [path], -1, 1, j);
        if (length) length.textContent = `${Number(secondsOf(opened).toPrecision(3))} s`;
      }
    },
  };
};
