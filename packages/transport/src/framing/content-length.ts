import { ChannelError } from "../errors.js";
import type { ByteSink, FrameDecoder, Framing, Payload } from "./contract.js";
import { byteLength, toBytes, writePayload } from "./payload.js";
import { SizedDecoder } from "./sized-decoder.js";

const LF = 0x0a;
/** The header block may not grow beyond this. */
const MAX_HEADER_BYTES = 8 * 1024;
/** Texts up to this length are sent as text, so that they can share one write with their neighbours. */
const SEND_AS_TEXT = 1024;
/** A header is printable ASCII; any other byte makes its line unreadable. */
const HEADER = /^[!-9;-~]+:[\t -~]*$/;
const DIGITS = /^[0-9]{1,10}$/;
const UTF8 = /^utf-?8$/i;

/**
 * A `Content-Length: N` header, a blank line, N bytes: the framing of the Language Server Protocol.
 *
 * The header is read strictly, because a wrong guess about a boundary cannot be mended: an unreadable header, a
 * missing or repeated length, a charset other than UTF-8, or a header block above 8 KiB ends the link.
 */
export class ContentLengthFraming implements Framing {
  readonly name = "content-length";
  readonly carriesBinary = true;

  encode(payload: Payload, sink: ByteSink): void {
    if (typeof payload === "string" && payload.length <= SEND_AS_TEXT) {
      sink.text(`Content-Length: ${byteLength(payload)}\r\n\r\n${payload}`);
    } else {
      const bytes = typeof payload === "string" ? toBytes(payload) : payload;
      sink.text(`Content-Length: ${byteLength(bytes)}\r\n\r\n`);
      writePayload(bytes, sink);
    }
  }

  decoder(maxMessageBytes: number): FrameDecoder {
    return new ContentLengthDecoder(maxMessageBytes);
  }
}

class ContentLengthDecoder extends SizedDecoder {
  #line = "";
  #headerBytes = 0;
  #size = -1;

  /** Reads header lines up to the blank one. */
  protected readSize(): number {
    while (this.position < this.chunk.length) {
      const byte = this.chunk[this.position] ?? 0;
      this.position += 1;
      this.#headerBytes += 1;
      if (this.#headerBytes > MAX_HEADER_BYTES) throw malformed(`the header is longer than ${MAX_HEADER_BYTES} bytes`);
      if (byte !== LF) {
        this.#line += String.fromCharCode(byte);
        continue;
      }
      const line = this.#takeLine();
      if (line !== "") this.#readHeader(line);
      else return this.#endHeader();
    }
    return -1;
  }

  #takeLine(): string {
    const line = this.#line;
    this.#line = "";
    if (!line.endsWith("\r")) throw malformed(`the header line ${quote(line)} does not end with CR LF`);
    return line.slice(0, -1);
  }

  #readHeader(line: string): void {
    if (!HEADER.test(line)) throw malformed(`${quote(line)} is not a header`);
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "content-length") this.#readLength(value);
    else if (name === "content-type") checkCharset(value);
  }

  #readLength(value: string): void {
    if (this.#size !== -1) throw malformed("Content-Length is given twice");
    if (!DIGITS.test(value)) throw malformed(`Content-Length ${quote(value)} is not a number of bytes`);
    this.#size = Number(value);
  }

  #endHeader(): number {
    const size = this.#size;
    if (size === -1) throw malformed("a header without Content-Length");
    this.#size = -1;
    this.#headerBytes = 0;
    return size;
  }
}

function checkCharset(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)"?/i.exec(contentType)?.[1];
  if (charset !== undefined && !UTF8.test(charset)) throw malformed(`the charset ${quote(charset)} is not UTF-8`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}

function malformed(what: string): ChannelError {
  return new ChannelError("FRAME_MALFORMED", `Content-Length framing: ${what}. The channel can't go on.`);
}
