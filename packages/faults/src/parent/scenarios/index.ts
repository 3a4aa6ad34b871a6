import type { Scenario } from "../scenario.js";
import { bytes } from "./bytes.js";
import { ends } from "./ends.js";
import { messages } from "./messages.js";
import { sizes } from "./sizes.js";

export const scenarios: readonly Scenario[] = [...messages, ...bytes, ...sizes, ...ends];
