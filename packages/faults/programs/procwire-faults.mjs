#!/usr/bin/env node
// The command; it stands here, because a link to it is made before anything is built.

await import(new URL("../dist/cli.js", import.meta.url).href);
