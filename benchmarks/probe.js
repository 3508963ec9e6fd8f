// Runs inside JupyterLab's page: moves a slider, and reads from painted pixels what is shown.
//
// The file is one function of `spec`, which gives the probe that the benchmark keeps in the page:
//   picture  CSS selector of the <canvas> or <img> that shows the picture
//   slider   "native" for <input type="range">, "noui" for the slider of ipywidgets
//   range    CSS selector of a native slider; the first of ours if there is none. Values are shares
//            of its range
//   tiles    how many pictures lie side by side in it; the first is read
//   exact    whether the picture also says itself, in data-lw-exact, that it is exact
//
// Pixels are read once in every frame that the browser makes, after all animation callbacks and
// right before the frame is painted: changing the size of an element in an animation callback makes
// its ResizeObserver fire there. Times are performance.now(), in milliseconds.
(spec) => {
  const BITS = 14;
  const BLOCKS = BITS + 2;
  const STEPS = 8192;
  const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const boxes = new Map();
  let last = { source: null, number: null };
  let paints = [];
  let waiting = null;

  const find = (selector) => document.querySelector(selector);

  // ---- pixels ----------------------------------------------------------------------------------

  function size(element) {
    return element.tagName === 'IMG'
      ? [element.naturalWidth, element.naturalHeight]
      : [element.width, element.height];
  }

  /** Pixels of a part of an element, whatever kind it is. */
  function pixels(element, x, y, width, height) {
    if (element.tagName === 'CANVAS') {
      return element.getContext('2d').getImageData(x, y, width, height).data;
    }
    scratch.canvas.width = width;
    scratch.canvas.height = height;
    scratch.drawImage(element, x, y, width, height, 0, 0, width, height);
    return scratch.getImageData(0, 0, width, height).data;
  }

  /** Where the picture lies in its element: matplotlib leaves white around it. */
  function locate(element) {
    const [width, height] = size(element);
    const data = pixels(element, 0, 0, width, height);
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const i = 4 * (y * width + x);
        if (data[i + 3] > 200 && data[i] + data[i + 1] + data[i + 2] < 384) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
        }
      }
    }
    return { left, top, width: right - left + 1 };
  }

  function firstTile(box) {
    return { ...box, width: Math.round(box.width / spec.tiles) };
  }

  /** The barcode's number, or null where there is none. */
  function decode(element) {
    const [width, height] = size(element);
    const key = `${width}x${height}`;
    const known = boxes.has(key);
    const box = known ? boxes.get(key) : firstTile(locate(element));
    if (box.width < BLOCKS) return null;
    const block = box.width / BLOCKS;
    const rows = Math.ceil(2 * block);
    const data = pixels(element, box.left, box.top, box.width, rows);
    const level = (column, row) => {
      const x = Math.floor((column + 0.5) * block);
      const y = Math.floor((row + 0.5) * block);
      return data[4 * (y * box.width + x) + 1];
    };
    const bits = [];
    for (let column = 0; column < BLOCKS; column += 1) {
      const difference = level(column, 0) - level(column, 1);
      if (Math.abs(difference) < 96) return null;
      bits.push(difference > 0 ? 1 : 0);
    }
    if (bits[0] || bits[BLOCKS - 1]) return null;
    if (!known) boxes.set(key, box);
    return bits.slice(1, -1).reduce((number, bit) => 2 * number + bit, 0);
  }

  /** The number in the picture that this frame paints. */
  function read() {
    const element = find(spec.picture);
    if (!element) return null;
    if (element.tagName === 'IMG') {
      if (!element.complete || !element.naturalWidth) return last.number;
      if (last.source === element.src) return last.number;
    }
    last = { source: element.src, number: decode(element) ?? last.number };
    return last.number;
  }

  const saysExact = () => !spec.exact || find(spec.picture).dataset.lwExact === 'true';

  // ---- frames ----------------------------------------------------------------------------------

  const pulse = document.createElement('div');
  pulse.style.cssText = 'position:fixed;top:0;left:0;height:1px;contain:strict;opacity:0';
  document.body.append(pulse);
  let odd = false;
  new ResizeObserver(() => {
    const number = read();
    const now = performance.now();
    if (number !== null && number !== paints.at(-1)?.[1]) paints.push([now, number]);
    if (waiting && Math.abs(number - waiting.number) <= 1 && saysExact()) {
      waiting.done(now);
      waiting = null;
    }
  }).observe(pulse);
  function beat() {
    odd = !odd;
    pulse.style.width = odd ? '1px' : '2px';
    requestAnimationFrame(beat);
  }
  requestAnimationFrame(beat);

  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** When the exact picture for a value is painted, or null where that takes too long. */
  function painted(value, limit) {
    const number = Math.floor(value * STEPS + 0.5);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), limit);
      waiting = {
        number,
        done(now) {
          clearTimeout(timer);
          resolve(now);
        },
      };
    });
  }

  // ---- sliders: each gets the events that a mouse would cause ------------------------------------

  const native = {
    element: () => find(spec.range ?? 'input.lw-slider'),
    press() {
      this.element().dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, buttons: 1 }));
    },
    move(value) {
      const { min, max } = this.element();
      this.element().value = String(Number(min) + value * (max - min));
      this.element().dispatchEvent(new Event('input', { bubbles: true }));
    },
    release() {
      this.element().dispatchEvent(new Event('change', { bubbles: true }));
      this.element().dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
    },
    value() {
      const { min, max, value } = this.element();
      return (value - min) / (max - min);
    },
  };

  const noui = {
    element: () => find('.noUi-target'),
    send(target, type, x, y) {
      const detail = { bubbles: true, cancelable: true, button: 0, clientX: x, clientY: y };
      target.dispatchEvent(new MouseEvent(type, { ...detail, buttons: type === 'mouseup' ? 0 : 1 }));
    },
    press() {
      const handle = this.element().querySelector('.noUi-handle');
      const { left, top, width, height } = handle.getBoundingClientRect();
      this.start = { x: Math.round(left + width / 2), value: this.value() };
      this.y = top + height / 2;
      this.send(handle, 'mousedown', this.start.x, this.y);
    },
    move(value) {
      const { width } = this.element().querySelector('.noUi-base').getBoundingClientRect();
      const x = this.start.x + Math.round((value - this.start.value) * width);
      this.send(document.documentElement, 'mousemove', x, this.y);
    },
    release() {
      this.send(document.documentElement, 'mouseup', this.start.x, this.y);
    },
    value() {
      return Number(this.element().noUiSlider.get());
    },
  };

  const slider = { native, noui }[spec.slider];

  // ---- what the benchmark calls ------------------------------------------------------------------

  return {
    /** The value last painted, or null. */
    shown: () => (last.number === null ? null : last.number / STEPS),

    painted,

    /** One jump of the thumb, and the milliseconds until its exact picture is painted. */
    async step(target, limit) {
      slider.press();
      await sleep(30 * Math.random());
      const begin = performance.now();
      slider.move(target);
      const value = slider.value();
      slider.release();
      const end = await painted(value, limit);
      return { value, begin, latency: end === null ? null : end - begin };
    },

    /**
     * Drag to and fro between 0 and 1, `travel` times the range in `seconds`, and wait for the
     * exact picture of where the thumb stops. Gives all moves and all paints as [time, value].
     */
    async drag({ travel, seconds, hz, limit }) {
      slider.press();
      slider.move(0);
      await painted(slider.value(), limit);
      await sleep(300);
      paints = paints.slice(-1);
      const moves = [];
      const begin = performance.now();
      const moveTo = (now) => {
        const along = (travel * Math.min((now - begin) / (1000 * seconds), 1)) % 2;
        slider.move(along > 1 ? 2 - along : along);
        moves.push([now, slider.value()]);
        return now - begin >= 1000 * seconds;
      };
      await new Promise((resolve) => {
        const timer = setInterval(() => {
          if (moveTo(performance.now())) {
            clearInterval(timer);
            resolve();
          }
        }, 1000 / hz);
      });
      const [lastMove, value] = moves.at(-1);
      slider.release();
      const end = await painted(value, limit);
      return {
        moves,
        begin,
        end: lastMove,
        paints: paints.map(([now, number]) => [now, number / STEPS]),
        settled: end === null ? null : end - lastMove,
      };
    },
  };
};
