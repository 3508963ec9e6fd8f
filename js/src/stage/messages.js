/**
 * All messages between page and kernel, field by field, and how they are read. Nothing else is sent
 * or understood. The kernel's side of the list: messages.py and replies.py of latentwidgets/engine.
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
 *
 * Bytes of frames travel beside the message, as its buffers: one for each of `frames`.
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
 * @property {"ask" | "strip" | "latent" | "layers" | "changes" | "leakage" | "speeds" | "typicality" | "neighbours" | "visit"} of
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
 * @property {"ask" | "strip" | "latent" | "layers" | "changes" | "leakage" | "speeds" | "typicality" | "neighbours" | "visit"} of
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
 * Where one latent stands among ordinary ones.
 * @typedef {object} Standing
 * @property {number} p the share of ordinary ones that are as rare
 * @property {string} words
 * @property {string} test the test that it fails; empty where it is typical
 * @property {string} details what each test measured
 */

/**
 * Where latents stand.
 * @typedef {object} TypicalityAnswer
 * @property {"typicality"} type
 * @property {"typicality"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {Standing[]} places that at `at` first, then the others; empty where there is nothing to compare with
 * @property {string} words what they are compared with, or why there is nothing
 */

/**
 * One of the data. Its picture is the buffer at the same place.
 * @typedef {object} Neighbour
 * @property {number} row
 * @property {number} distance
 * @property {string} label empty where there is none
 * @property {string} mime how the picture is encoded; empty where there is none
 */

/**
 * The nearest of the data, the nearest first.
 * @typedef {object} NeighboursAnswer
 * @property {"neighbours"} type
 * @property {"neighbours"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {Neighbour[]} neighbours
 * @property {number} chance the median distance to all of the data
 * @property {number} searched how many data there are
 * @property {boolean} goes whether the widget can go to one of them
 */

/**
 * The widget has gone there.
 * @typedef {object} VisitAnswer
 * @property {"visit"} type
 * @property {"visit"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
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

/** @typedef {AskMessage | StripMessage | StopMessage | LatentMessage | LayersMessage | ChangesMessage | LeakageMessage | SpeedsMessage | TypicalityMessage | NeighboursMessage | VisitMessage | ExplorerMessage} PageMessage */
/** @typedef {FramesAnswer | ErrorAnswer | StaleAnswer | LatentAnswer | LayersAnswer | ChangesAnswer | LeakageAnswer | SpeedsAnswer | TypicalityAnswer | NeighboursAnswer | VisitAnswer} Answer */
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
