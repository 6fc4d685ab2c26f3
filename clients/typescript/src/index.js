/**
 * JavaScript client for Barback, a service that suggests the next ingredient of a drink.
 *
 * @module
 */

export { Barback } from "./barback.js";
export {
  ApiError,
  BarbackError,
  TaskCancelled,
  TaskFailed,
  TaskTimeout,
  TaskUnsuccessful,
  UnexpectedResponse,
  Unreachable,
  WebhookVerificationError,
} from "./errors.js";
export { withDefaults } from "./inputs.js";
export { Batch, LineResult, ListedTask, Result, Task } from "./results.js";
export { verify } from "./webhooks.js";

/** @typedef {import("./answering.js").AnswerOptions} AnswerOptions */
/** @typedef {import("./types.js").AnyInput} AnyInput */
/** @typedef {import("./types.js").Attempt} Attempt */
/** @typedef {import("./types.js").BatchStatus} BatchStatus */
/** @typedef {import("./types.js").Because} Because */
/** @typedef {import("./types.js").CancelledBatch} CancelledBatch */
/** @typedef {import("./barback.js").CompleteOptions} CompleteOptions */
/** @typedef {import("./types.js").Delivery} Delivery */
/** @typedef {import("./types.js").DocumentProgress} DocumentProgress */
/** @typedef {import("./types.js").DocumentResults} DocumentResults */
/** @typedef {import("./types.js").Drink} Drink */
/** @typedef {import("./types.js").Failure} Failure */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Ingredient} Ingredient */
/** @typedef {import("./types.js").IngredientInText} IngredientInText */
/** @typedef {import("./types.js").Input} Input */
/** @typedef {import("./types.js").JsonObject} JsonObject */
/** @typedef {import("./types.js").KnownDrink} KnownDrink */
/** @typedef {import("./lists.js").ListOptions} ListOptions */
/** @typedef {import("./types.js").Look} Look */
/** @typedef {import("./types.js").Metadata} Metadata */
/** @typedef {import("./barback.js").Options} Options */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").Priority} Priority */
/** @typedef {import("./types.js").Problem} Problem */
/** @typedef {import("./types.js").QueueLoad} QueueLoad */
/** @typedef {import("./types.js").Receipt} Receipt */
/** @typedef {import("./types.js").Retries} Retries */
/** @typedef {import("./types.js").RunProgress} RunProgress */
/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("./types.js").SubmitOptions} SubmitOptions */
/** @typedef {import("./barback.js").SuggestOptions} SuggestOptions */
/** @typedef {import("./types.js").Suggestion} Suggestion */
/** @typedef {import("./types.js").Timings} Timings */
/** @typedef {import("./types.js").Understood} Understood */
/** @typedef {import("./types.js").UnknownInText} UnknownInText */
/** @typedef {import("./types.js").UnknownName} UnknownName */
