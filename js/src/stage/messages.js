/**
 * All messages between page and kernel, field by field, and how they are read. Nothing else is
 * sent or understood. The kernel's side of the same list is latentwidgets/engine/messages.py.
 *
 * Fields that many of them have:
 * - `client` names the page. A newer question of one client replaces its older one that waits, so
 *   a question that must not replace another has a client of its own: the page's name and a suffix.
 * - `seq` is the page's count of its questions; the answer carries it back.
 * - `route` names what the coordinates mean (which anchors, which directions, ...). It changes with
 *   them, and a question about a route that is gone is answered "stale".
 * - `of` says which kind of question an answer belongs to.
 *
 * Bytes of frames travel beside the message, as its buffers: one for each of `frames`.
 */

// What the page sends

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
 * Has the kernel stop decoding the exact frame that was asked for last; no answer comes.
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
 * Asks for what is shown as a picture to keep, in a file.
 * @typedef {object} PictureMessage
 * @property {"picture"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {number | null} width in pixels; null for as many as are decoded
 * @property {boolean} of_map whether the map itself is wanted, where there is one
 */

/**
 * Asks how much each layer of a direction changes the output. It is answered while the kernel has
 * nothing else to do.
 * @typedef {object} LayersMessage
 * @property {"layers"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 * @property {number} axis which direction
 */

/**
 * Asks how much one sigma of each direction changes the output. It is answered while the kernel has
 * nothing else to do.
 * @typedef {object} ChangesMessage
 * @property {"changes"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at from where
 */

/**
 * Asks how an edit changes what is read of the decoded output. It is answered while the kernel has
 * nothing else to do.
 * @typedef {object} LeakageMessage
 * @property {"leakage"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 */

/**
 * Asks how fast the output changes along a path. It is answered while the kernel has nothing else to
 * do. Where the path itself has to be found first, it is found and shown, and the answer is "stale".
 * @typedef {object} SpeedsMessage
 * @property {"speeds"} type
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at
 */

/**
 * What a person does with the buttons of an explorer; "shown" tells that all its parts are on the
 * page, "axes" asks for a slider for each axis of the latent, "walk" edits where the path is, "show"
 * shows other cells in the grid, "slider" makes one that leads to the selected latents, "name"
 * gives these a name, "compare" keeps them, so that the slider leads from there to those selected
 * then, and "forget" keeps none.
 * @typedef {object} ExplorerMessage
 * @property {"shown" | "undo" | "redo" | "bookmark" | "open" | "remove" | "axes" | "walk" | "show" | "slider" | "name" | "compare" | "forget"} type
 * @property {string} [name] of the bookmark, of the slider or of the selected latents; what to show
 * @property {number} [at] where on the path
 */

// What the kernel sends

/**
 * Frames that were asked for, or some of them.
 * @typedef {object} FramesAnswer
 * @property {"frames"} type
 * @property {"ask" | "strip"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {FrameHeader[]} frames
 * @property {number | null} ms milliseconds that decoding one of them took; null if the kernel had kept them all
 * @property {boolean} more whether more frames of the same question follow: others of a strip, or better ones if these are drafts
 * @property {number} sent when they were sent, in milliseconds by the kernel's clock
 * @property {Said} [said] from a map: what is known of the latent at the coordinates
 */

/**
 * One frame of an answer.
 * @typedef {object} FrameHeader
 * @property {number[]} at its coordinates
 * @property {string} mime how its bytes are encoded
 * @property {boolean} lossless whether it shows every pixel as it was decoded; drafts never do
 * @property {number} draft which of the decoder's drafts it shows, counted from 1; 0 for a finished frame
 */

/**
 * What was asked for could not be made.
 * @typedef {object} ErrorAnswer
 * @property {"error"} type
 * @property {"ask" | "strip" | "latent" | "picture" | "layers" | "changes" | "leakage" | "speeds"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {string} message what went wrong, for the person to read
 * @property {Said} [said] from a map: what is known of the latent at the coordinates
 */

/**
 * The question was about a route that is gone.
 * @typedef {object} StaleAnswer
 * @property {"stale"} type
 * @property {"ask" | "strip" | "latent" | "picture" | "layers" | "changes" | "leakage" | "speeds"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {Said} [said] from a map: what is known of the latent at the coordinates
 */

/**
 * The latent that was asked for.
 * @typedef {object} LatentAnswer
 * @property {"latent"} type
 * @property {"latent"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {string} text a cell of Python that makes the latent
 */

/**
 * The picture to keep that was asked for.
 * @typedef {object} PictureAnswer
 * @property {"picture"} type
 * @property {"picture"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {string} png in base64
 * @property {[number, number]} size width and height in pixels
 */

/**
 * How much each layer of a direction changes the output.
 * @typedef {object} LayersAnswer
 * @property {"layers"} type
 * @property {"layers"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} effects for each layer the root mean square change of the output per sigma: one standard deviation along the direction
 */

/**
 * How much one sigma of each direction changes the output.
 * @typedef {object} ChangesAnswer
 * @property {"changes"} type
 * @property {"changes"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {[change: number, chance: number][]} changes for each direction the root mean square change of the output as a share of its range, and what a random direction of the same length changes; empty where that is not known
 */

/**
 * How an edit changes what is read of the decoded output, in standard deviations.
 * @typedef {object} LeakageAnswer
 * @property {"leakage"} type
 * @property {"leakage"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} effects for each direction the change of what its readout says
 * @property {number[]} chance for each direction the root mean square of what random moves do that are as long; empty where nothing is edited
 */

/**
 * How fast the output changes along a path.
 * @typedef {object} SpeedCurve
 * @property {[number, number][]} points t, and the speed there as a multiple of the mean; none where the words say why
 * @property {number[]} abrupt the t of abrupt changes
 * @property {string} words the whole in words
 */

/**
 * How fast the output changes along the path.
 * @typedef {object} SpeedsAnswer
 * @property {"speeds"} type
 * @property {"speeds"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {SpeedCurve} curve
 */

/**
 * Says why the kernel refused a value that the page had set. The kernel has put the old one back.
 * @typedef {object} StateRefusal
 * @property {"error"} type
 * @property {"state"} of
 * @property {string} message
 */

/**
 * What a map knows of one latent.
 * @typedef {object} Said
 * @property {number} row the latent's number; less than 0 for coordinates of which the map has no latent
 * @property {[string, string][]} lines name and text of each thing that is known; the item's own text has an empty name
 */

/** @typedef {AskMessage | StripMessage | StopMessage | LatentMessage | PictureMessage | LayersMessage | ChangesMessage | LeakageMessage | SpeedsMessage | ExplorerMessage} PageMessage */
/** @typedef {FramesAnswer | ErrorAnswer | StaleAnswer | LatentAnswer | PictureAnswer | LayersAnswer | ChangesAnswer | LeakageAnswer | SpeedsAnswer} Answer */
/** @typedef {Answer | StateRefusal} KernelMessage */

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

/**
 * Read what came from the kernel.
 * @param {any} content
 * @returns {KernelMessage | null} null if it is not one of the messages above
 */
export function read(content) {
  return typeof content?.of === "string" ? content : null;
}
