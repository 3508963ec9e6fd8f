/**
 * One frame as the page keeps it.
 * @typedef {object} StoredFrame
 * @property {string} route the name of the route, which says what its coordinates mean
 * @property {number[]} at its coordinates
 * @property {boolean} lossless whether it shows every pixel as it was decoded; only such a frame can be called exact
 * @property {number} draft which of the decoder's drafts it shows, counted from 1; 0 for a finished frame
 * @property {boolean} strip whether it was decoded ahead, as part of a strip
 * @property {number} seq the question it answered
 * @property {number} ms milliseconds that it took to decode; 0 if not known
 * @property {boolean} [here] whether the page decoded it, not the kernel
 * @property {Blob | ImageData} source the picture as it came; pixels need no opening
 * @property {import("./kind.js").Opened | null} bitmap the picture, ready to be painted
 * @property {Promise<void> | null} opening set while the picture is made ready
 */

/** The most frames outside strips that are kept: those where the thumb was last. */
const MOST_BESIDE = 64;
/** The largest share of the memory that they may take. */
const SHARE_BESIDE = 1 / 4;

/**
 * The largest difference in any coordinate.
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} [beside] the index of a coordinate that does not count
 */
export function distance(a, b, beside = -1) {
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    if (i !== beside) most = Math.max(most, Math.abs(a[i] - b[i]));
  }
  return most;
}

/**
 * The frames that a page keeps, in no more memory than it is given. When memory is short, it evicts
 * the least recently used first.
 */
export class FrameStore {
  /**
   * @param {number} limit bytes of encoded and of ready pictures together
   * @param {(source: Blob) => Promise<import("./kind.js").Opened>} open makes a picture ready
   */
  constructor(limit, open) {
    this.limit = limit;
    this.size = 0;
    /** Grows with every frame that comes or goes, so that readers notice changes. */
    this.version = 0;
    this.open = open;
    this.closed = false;
    /** @type {Map<string, StoredFrame>} from the least to the most recently used */
    this.frames = new Map();
  }

  /**
   * Keep a frame, unless a better one of the same coordinates is here already.
   * @param {Omit<StoredFrame, "bitmap" | "opening">} given
   * @returns {StoredFrame} the better of the two; the caller is to make it ready
   */
  put(given) {
    const key = keyOf(given.route, given.at);
    const old = this.frames.get(key);
    const strip = given.strip || Boolean(old?.strip);
    if (old && !isBetter(given, old)) {
      old.strip = strip;
      return old;
    }
    const bitmap = given.source instanceof Blob ? null : given.source;
    const frame = { ...given, strip, bitmap, opening: null };
    // An old frame that is open, and may be on screen, stays until this one is ready: see `ready`.
    if (bitmap || !old?.bitmap) this.insert(key, frame);
    return frame;
  }

  /**
   * Put a frame in the place of any other for its coordinates.
   * @param {string} key
   * @param {StoredFrame} frame
   */
  insert(key, frame) {
    const old = this.frames.get(key);
    if (old) this.drop(key, old);
    this.frames.set(key, frame);
    this.version += 1;
    this.size += bytesOf(frame.source);
    if (!frame.strip) this.dropBeside();
    this.trim(frame);
  }

  /**
   * The frame at some coordinates of a route, if there is one.
   * @param {string} route
   * @param {number[]} at
   * @returns {StoredFrame | undefined}
   */
  get(route, at) {
    return this.frames.get(keyOf(route, at));
  }

  /**
   * The frame of a route that is nearest to some coordinates. A frame that differs along one axis
   * alone (that of the slider in hand) counts as nearer than any that differs elsewhere too.
   * @param {string} route
   * @param {number[]} at
   * @param {(frame: StoredFrame) => boolean} [fits]
   * @param {number} [axis]
   * @returns {StoredFrame | undefined}
   */
  nearest(route, at, fits = () => true, axis = 0) {
    let best;
    let leastOff = Infinity;
    let leastAlong = 0;
    for (const frame of this.frames.values()) {
      if (frame.route !== route || frame.at.length !== at.length || !fits(frame)) continue;
      const off = distance(frame.at, at, axis);
      const along = Math.abs(frame.at[axis] - at[axis]);
      const gap = off - leastOff || along - leastAlong;
      if (gap < 0 || (gap === 0 && frame.lossless)) {
        best = frame;
        leastOff = off;
        leastAlong = along;
      }
    }
    return best;
  }

  /**
   * The frames of one route.
   * @param {string} route
   * @returns {StoredFrame[]}
   */
  along(route) {
    return [...this.frames.values()].filter((frame) => frame.route === route);
  }

  /**
   * Count a frame as the most recently used.
   * @param {StoredFrame} frame
   */
  touch(frame) {
    const key = keyOf(frame.route, frame.at);
    if (this.frames.get(key) !== frame) return;
    this.frames.delete(key);
    this.frames.set(key, frame);
  }

  /**
   * Make a frame that was put here ready to be painted.
   * @param {StoredFrame} frame
   * @returns {Promise<void>}
   */
  ready(frame) {
    const key = keyOf(frame.route, frame.at);
    this.touch(frame);
    if (frame.bitmap) return Promise.resolve();
    frame.opening ??= this.open(/** @type {Blob} */ (frame.source)).then(
      (bitmap) => {
        frame.opening = null;
        const kept = this.frames.get(key);
        const late = kept ? !isBetter(frame, kept) : !frame.lossless;
        if (this.closed || (kept !== frame && late)) {
          if ("close" in bitmap) bitmap.close();
          return;
        }
        if (kept !== frame) this.insert(key, frame);
        frame.bitmap = bitmap;
        this.size += openedBytes(frame);
        this.trim(frame);
      },
      (error) => {
        // Drop a picture that cannot be opened, so that it is not chosen again.
        if (this.frames.get(key) === frame) this.drop(key, frame);
        throw error;
      },
    );
    return frame.opening;
  }

  /** @param {number} limit bytes that frames may take from now on */
  resize(limit) {
    this.limit = limit;
    this.trim(null);
  }

  /** Let go of everything, and of what is still being opened. */
  close() {
    this.closed = true;
    for (const [key, frame] of this.frames) this.drop(key, frame);
  }

  /** Evict the least recently used of the frames outside strips, if there are too many of them. */
  dropBeside() {
    let count = 0;
    let bytes = 0;
    for (const [key, frame] of [...this.frames].reverse()) {
      if (frame.strip) continue;
      count += 1;
      bytes += bytesOf(frame.source);
      const spent = count > MOST_BESIDE || bytes > SHARE_BESIDE * this.limit;
      if (spent && count > 1) this.drop(key, frame);
    }
  }

  /**
   * Evict what does not fit into memory. First close opened pictures (they can be opened again),
   * those farthest from `kept` first; then drop frames altogether, the least recently used first.
   * `kept` itself stays whatever it costs.
   * @param {StoredFrame | null} kept
   */
  trim(kept) {
    if (this.size <= this.limit) return;
    /** @param {StoredFrame} frame */
    const far = (frame) => (frame.route === kept?.route ? distance(frame.at, kept.at) : Infinity);
    const ready = [...this.frames.values()].filter((frame) => openedBytes(frame) > 0);
    // A thumb that goes round and round reaches next the frame that was used longest ago: if the
    // least recently used were closed first, it would never find an open one. Sorting leaves frames
    // that are equally far, and those of other routes (whose difference is NaN), in order of use.
    for (const frame of ready.sort((a, b) => far(b) - far(a))) {
      if (this.size <= this.limit) return;
      if (frame !== kept) this.shut(frame);
    }
    const held = kept ? openedBytes(kept) : 0;
    for (const [key, frame] of this.frames) {
      if (this.size - held <= this.limit) return;
      if (frame !== kept) this.drop(key, frame);
    }
  }

  /**
   * Close the opened picture of a frame; what it was opened from stays.
   * @param {StoredFrame} frame
   */
  shut(frame) {
    const { bitmap } = frame;
    if (!bitmap || !("close" in bitmap)) return;
    this.size -= openedBytes(frame);
    bitmap.close();
    frame.bitmap = null;
  }

  /**
   * Let go of a frame.
   * @param {string} key
   * @param {StoredFrame} frame
   */
  drop(key, frame) {
    this.shut(frame);
    this.size -= bytesOf(frame.source);
    this.version += 1;
    this.frames.delete(key);
  }
}

/**
 * Whether a frame is to replace another at the same coordinates: a later draft replaces an earlier
 * one, a finished frame any draft, and a lossless frame any that is not lossless.
 * @param {Pick<StoredFrame, "lossless" | "draft">} frame
 * @param {Pick<StoredFrame, "lossless" | "draft">} old
 */
function isBetter(frame, old) {
  if (old.lossless || frame.lossless) return !old.lossless;
  return old.draft > 0 && (frame.draft === 0 || frame.draft > old.draft);
}

/**
 * @param {string} route
 * @param {number[]} at
 */
function keyOf(route, at) {
  return `${route}@${at.join()}`;
}

/**
 * Bytes that an opened picture takes beside those it was opened from.
 * @param {StoredFrame} frame
 */
function openedBytes({ bitmap, source }) {
  if (!bitmap || bitmap === source) return 0;
  return "bytes" in bitmap ? bitmap.bytes : bitmap.width * bitmap.height * 4;
}

/** @param {Blob | ImageData} source */
function bytesOf(source) {
  return source instanceof Blob ? source.size : source.data.byteLength;
}
