/**
 * All that a kernel answers to its page, field by field, and how it is read. What the page asks, and
 * the fields that all have, are in messages.js. The kernel's side of the list:
 * latentwidgets/engine/replies.py.
 *
 * Bytes of frames travel beside the message, as its buffers: one for each of `frames`.
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
 * @property {"ask" | "strip" | "latent" | "file" | "layers" | "changes" | "leakage" | "speeds" | "typicality" | "neighbours" | "visit" | "recipe" | "pull" | "decoder"} of
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
 * @property {"ask" | "strip" | "latent" | "file" | "layers" | "changes" | "leakage" | "speeds" | "typicality" | "neighbours" | "visit" | "recipe" | "pull" | "decoder"} of
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
 * The file to keep that was asked for. Its bytes come beside it.
 * @typedef {object} FileAnswer
 * @property {"file"} type
 * @property {"file"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {[number, number] | null} size of a picture or a film, width and height in pixels
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
 * @property {string[]} names of what reads
 * @property {(number | null)[]} effects for each of these the change of what it says; null where that has no unit
 * @property {(number | null)[]} chance for each the root mean square of what random moves do that are as long; empty where nothing is edited
 * @property {string[]} notes for each whether it was held out from what moves, and whether it has no unit
 */

/**
 * How fast the output changes along a path.
 * @typedef {object} SpeedCurve
 * @property {[number, number][]} points t, and the speed there as a multiple of the mean; none where the words say why
 * @property {number[]} abrupt the t of abrupt changes
 * @property {string} words the whole in words
 * @property {string} saved what geodesics between samples of the prior save, where that is asked
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
 * One step of a pull.
 * @typedef {object} PullAnswer
 * @property {"pull"} type
 * @property {"pull"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {number[]} at the coordinates that it leads to
 * @property {[number, number]} here where what was grabbed is then
 * @property {number} share how much of the pull it has moved
 * @property {boolean} done whether another step would lead no further
 * @property {string} words why not, where the end of the pull is not reached
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
 * @property {string} label empty where there is none; numbers are in short
 * @property {string} whole the same with all digits
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
 * The widget shows what the file says.
 * @typedef {object} RecipeAnswer
 * @property {"recipe"} type
 * @property {"recipe"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 */

/**
 * What the page needs to decode by itself. Bytes come beside it: of "offer" the arrays of
 * the plan, and then which lines are said of each latent, as int32; of "check" the frames; of
 * "network" and "runtime" what was asked for.
 * @typedef {object} DecoderAnswer
 * @property {"decoder"} type
 * @property {"decoder"} of
 * @property {string} client
 * @property {number} seq
 * @property {string} route
 * @property {string} reason why it has to stay in the kernel; empty where it need not; only then is there more
 * @property {number} ms of "check", as are `batch_ms`, `positions`, `packed`: milliseconds that the kernel took for one of the frames
 * @property {number} batch_ms milliseconds that one of a strip takes, as far as it is known
 * @property {string} name of the decoder, of both: another one has another
 * @property {boolean} linear of "offer", as is all that is not named yet: whether it is a matrix
 * @property {string} runtime which version of the runtime
 * @property {number[]} latent_shape
 * @property {number[][]} conditions for each, of which the coordinate is one of the last, which number the decoder gets at 0, and how much more at each next one; where the route has none, the number alone that it gets by default
 * @property {{ stored: number[], first: boolean, origin: number, scale: number }} reading how its outputs are read as pictures
 * @property {{ form: string, shown: number, closed: boolean }} plan what the coordinates mean
 * @property {[string, number[], number][]} arrays names, shapes, and bytes a number, of the arrays of the plan: floats
 * @property {Said["lines"][]} lines of a map: what is known of latents, those alike once
 * @property {number[][]} positions coordinates of the frames
 * @property {boolean} packed whether each of the frames is compressed, as zlib does it
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
 * @property {string[][]} lines of each thing that is known name and text; the item's own text has an empty name; a text that is a number in short comes with the number whole
 */

/** @typedef {FramesAnswer | ErrorAnswer | StaleAnswer | LatentAnswer | FileAnswer | LayersAnswer | ChangesAnswer | LeakageAnswer | SpeedsAnswer | TypicalityAnswer | NeighboursAnswer | VisitAnswer | RecipeAnswer | PullAnswer | DecoderAnswer} Answer */
/** @typedef {Answer | StateRefusal} KernelMessage */

/**
 * Read what came from the kernel.
 * @param {any} content
 * @returns {KernelMessage | null} null if it is not one of the messages above
 */
export function read(content) {
  return typeof content?.of === "string" ? content : null;
}
