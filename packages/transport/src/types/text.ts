/** Text of others within TypeScript that is written here: it ends no literal, no comment and no line. */

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
/** Control characters, line ends of all kinds, and what changes the direction in which text is shown. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name);
}

/** A string, in quotes; whatever is not printable as an escape. */
export function literalText(text: string): string {
  return JSON.stringify(text).replace(UNPRINTABLE, (unit) => {
    let escaped = "";
    for (let at = 0; at < unit.length; at++) escaped += `\\u${unit.charCodeAt(at).toString(16).padStart(4, "0")}`;
    return escaped;
  });
}

/** The name of a member as it stands in an interface. */
export function memberName(name: string): string {
  return isIdentifier(name) ? name : literalText(name);
}

/** A comment before what follows; nothing for no text. */
export function comment(text: string, indent = ""): string {
  const line = text.replace(UNPRINTABLE, " ").replace(/\s+/g, " ").replaceAll("*/", "*\\/").trim();
  return line === "" ? "" : `${indent}/** ${line} */\n`;
}
