import { headers, nuid } from "@nats-io/transport-node";
import type { Publisher } from "./publisher.js";
import { Header } from "./words.js";

/** Says to many at once what is too long for one message. None of them can hold it back. */
export function broadcast(publisher: Publisher, subject: string, data: Uint8Array): void {
  const bytes = publisher.maxBody;
  const parts = Math.ceil(data.length / bytes);
  const name = nuid.next();
  for (let part = 0; part < parts; part++) {
    const head = headers();
    head.set(Header.part, `${name} ${part} ${parts} ${data.length}`);
    publisher.publish(subject, data.subarray(part * bytes, (part + 1) * bytes), "", head);
  }
}
