// The process of the workerpool rival.

import { worker } from "workerpool";
import { methods } from "./methods.mjs";

worker(methods);
