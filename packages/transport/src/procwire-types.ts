#!/usr/bin/env node
/** `npx procwire-types`: the types of a worker's methods. */

import { typesCommand } from "./node/types-command.js";

process.exitCode = await typesCommand(process.argv.slice(2));
