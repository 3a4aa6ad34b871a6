/** So many of the last lines are looked at: what is further up was something else. */
const LINES = 200;
const MAX_LENGTH = 300;
// eslint-disable-next-line no-control-regex -- colours begin with this character
const COLOUR = /\u001b\[[0-9;]*m/g;

/** How the runtimes of several languages begin the line that says why a program ends. */
const REASONS: readonly RegExp[] = [
  // JavaScript, Python, Java, C#: `TypeError: ...`, `Error [ERR_...]: ...`, `java.io.IOException: ...`
  /^(?:Uncaught |Unhandled exception\. |Exception in thread "[^"]*" )?(?:[\w$]+\.)*\w*(?:Error|Exception)(?: \[\w+\])?(?::|$)/,
  /^\[UnhandledPromiseRejection/,
  // Rust, Go, C++, and what many programs print of themselves.
  /\bpanicked at\b/,
  /^panic: /,
  /^terminate called /,
  /^(?:fatal(?: error)?|error): /i,
  /\bSegmentation fault\b/,
];
/** What follows the reason, and explains nothing. */
const BESIDE = /^\s*$|^\s+at |^\s*\^+$|^Node\.js v\d|^\(Use `node --trace|^note: run with `RUST_BACKTRACE|^\s*[{}]?$/;

/** The line of a program's stderr that says why it has ended; `""` where it has written nothing. */
export function lastWords(stderr: string): string {
  const lines = stderr.replace(COLOUR, "").split(/\r?\n/).slice(-LINES);
  const at = lines.findLastIndex((line) => REASONS.some((reason) => reason.test(line)));
  if (at === -1) return short(lines.findLast((line) => !BESIDE.test(line)) ?? "");
  const line = lines[at] ?? "";
  // Rust says where, and on the next line why.
  const next = /\bpanicked at\b.*:$/.test(line) ? (lines[at + 1] ?? "") : "";
  return short(next === "" ? line : `${line} ${next}`);
}

function short(line: string): string {
  const trimmed = line.trim();
  return trimmed.length > MAX_LENGTH ? `${trimmed.slice(0, MAX_LENGTH)}...` : trimmed;
}
