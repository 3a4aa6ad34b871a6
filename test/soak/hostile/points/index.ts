import type { Point } from "../contract.js";
import { callbacks } from "./callbacks.js";
import { handlers } from "./handlers.js";
import { interceptors } from "./interceptors.js";
import { iterables } from "./iterables.js";
import { layers, links } from "./layers.js";
import { options } from "./options.js";
import { errors, values } from "./values.js";

/** Every place where the library calls code of its user's. */
export const points: readonly Point[] = [
  ...handlers,
  ...values,
  ...errors,
  ...iterables,
  ...interceptors,
  ...callbacks,
  ...layers,
  ...links,
  ...options,
];
