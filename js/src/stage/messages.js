/**
 * All that a page says to its kernel, field by field, and how it is sent. Nothing else is understood.
 * What the kernel answers is in replies.js. The kernel's side of the list:
 * latentwidgets/engine/messages.py.
 *
 * Fields that many of them have:
 * - `client` names the page. A newer question of one client replaces its older one that waits, so
 *   a question that must not replace another has a client of its own: the page's name and a suffix.
 * - `seq` is the page's count of its questions; the answer carries it back.
 * - `route` names what the coordinates mean (which anchors, which directions, ...). It changes with
 *   them, and a question about a route that is gone is answered "stale".
 * - `of` says which kind of question an answer belongs to.
 *
 * What is asked while idle is answered once the kernel has nothing else to do.
 */

/**
 * Asks for the exact frame at some coordinates.
 * @typedef {object} AskMessage
 * @property {"ask"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at the coordinates; an empty list for the picture before any edit
 * @property {boolean} fast whether the link is so fast that compressing the frame would only cost time
 */

/**
 * Asks for frames along a control, before anybody goes there.
 * @typedef {object} StripMessage
 * @property {"strip"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[][]} positions coordinates of each frame, the most wanted first
 * @property {boolean} drafts whether drafts are good enough, if the decoder gives any and takes long to finish
 */

/**
 * Has the kernel stop what this client asked for last: decoding an exact frame, or making a film or a
 * page to keep. No answer comes.
 * @typedef {object} StopMessage
 * @property {"stop"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 */

/**
 * Asks for the latent at some coordinates, as code to copy.
 * @typedef {object} LatentMessage
 * @property {"latent"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 */

/**
 * Asks for what is shown as a file to keep: in place of a film or page that waits or is made.
 * @typedef {object} FileMessage
 * @property {"file"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {"picture" | "map" | "gif" | "webp" | "apng" | "page"} form a picture, also of the map itself where there is one; a film; or a page that moves without a kernel
 * @property {number | null} width of a picture or a film in pixels; null for as many as are decoded
 * @property {string | null} along of a film of an edit, the name of the direction that alone moves; null for all that is edited
 * @property {number} seconds how long a film takes from end to end
 * @property {boolean} captions whether where each frame of a film is stands under it
 */

/**
 * Asks while idle how much each layer of a direction changes the output.
 * @typedef {object} LayersMessage
 * @property {"layers"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {number} axis which direction
 */

/**
 * Asks while idle how much one sigma of each direction changes the output.
 * @typedef {object} ChangesMessage
 * @property {"changes"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at from where
 */

/**
 * Asks while idle how an edit changes what is read of the decoded output.
 * @typedef {object} LeakageMessage
 * @property {"leakage"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 */

/**
 * Asks while idle how fast the output changes along a path. Where the path itself has to be found
 * first, it is found and shown, and the answer is "stale".
 * @typedef {object} SpeedsMessage
 * @property {"speeds"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {boolean} chance whether what is asked is what paths between samples of the prior have, in words
 */

/**
 * Asks for one step of a pull at the picture. Where `to` is where it was grabbed, nothing is pulled
 * yet: then the step is only prepared. Points are x and y, as shares of the picture's size.
 * @typedef {object} PullMessage
 * @property {"pull"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {number[]} start the coordinates when the picture was grabbed
 * @property {[number, number]} grabbed where it was grabbed
 * @property {[number, number]} to where to it is pulled
 * @property {[number, number]} here where what was grabbed is now
 */

/**
 * Asks while idle where latents stand among ordinary ones: that at `at`, and those at others.
 * @typedef {object} TypicalityMessage
 * @property {"typicality"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {number[][]} positions other coordinates, such as those along a slider
 */

/**
 * Asks while idle which of the data are nearest to a latent, and for their pictures.
 * @typedef {object} NeighboursMessage
 * @property {"neighbours"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 */

/**
 * Has the widget go to one of the data, or take it as its base.
 * @typedef {object} VisitMessage
 * @property {"visit"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number} row
 */

/**
 * Has the widget show what a file says that was dropped on it.
 * @typedef {object} RecipeMessage
 * @property {"recipe"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {string} data the file in base64, of at most 6,000,000 bytes
 */

/**
 * Asks for what the page needs to decode by itself: "offer" for how; "check" for that, and for a few
 * frames to compare with; "network" for the decoder; "runtime" for what runs it. The first two wait
 * until the decoder was exported.
 * @typedef {object} DecoderMessage
 * @property {"decoder"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {"offer" | "check" | "network" | "runtime" | "webgpu"} part
 * @property {string} name of the decoder, as the answer to "offer" has it; empty before there was one
 */

/**
 * What a person does with the buttons of an explorer; "shown" tells that all its parts are on the
 * page, "axes" asks for a slider for each axis of the latent, "walk" edits where the path is, "show"
 * shows other cells in the grid, "slider" makes one that leads to the selected latents, "name"
 * gives these a name, "compare" keeps them, so that the slider leads from there to those selected
 * then, "forget" keeps none, and "apply" shows what a file says that was dropped.
 * @typedef {object} ExplorerMessage
 * @property {"shown" | "undo" | "redo" | "bookmark" | "open" | "remove" | "axes" | "walk" | "show" | "slider" | "name" | "compare" | "forget" | "apply"} type
 * @property {string} [name] of the bookmark, of the slider or of the selected latents; what to show
 * @property {number} [at] where on the path
 * @property {string} [data] the file, as of a RecipeMessage
 */

/** @typedef {AskMessage | StripMessage | StopMessage | LatentMessage | FileMessage | LayersMessage | ChangesMessage | LeakageMessage | SpeedsMessage | TypicalityMessage | NeighboursMessage | VisitMessage | RecipeMessage | PullMessage | DecoderMessage | ExplorerMessage} PageMessage */

/**
 * Send a message, if the kernel can be reached.
 * @param {import("@anywidget/types").AnyModel} model
 * @param {PageMessage} message
 * @returns {boolean} whether it could
 */
export function sent(model, message) {
  try {
    model.send(message);
    return true;
  } catch {
    return false;
  }
}
