import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { waitFor } from "../../support/wait-for.js";

/** A client by hand: what it says are bytes, and what it hears, too. */
export class RawClient {
  readonly socket: Socket;
  text = "";
  hasEnded = false;

  constructor(address: object) {
    this.socket = connect(address as { path: string });
    this.socket.on("error", () => undefined).on("data", (chunk) => (this.text += chunk.toString()));
    this.socket.on("close", () => (this.hasEnded = true));
    onTestFinished(() => void this.socket.destroy());
  }

  write(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** All that was heard until the other side closed. */
  async end(milliseconds?: number): Promise<string> {
    await waitFor(() => this.hasEnded, milliseconds);
    return this.text;
  }

  async heard(text: string): Promise<void> {
    await waitFor(() => this.text.includes(text));
  }
}
