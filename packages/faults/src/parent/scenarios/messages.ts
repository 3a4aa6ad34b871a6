import { inWords, servesOn, summary, type Scenario } from "../scenario.js";

const BAD_MESSAGES = [
  "{}",
  "1",
  '"text"',
  "null",
  "true",
  '{"jsonrpc":"1.0","id":"bad","method":"m"}',
  '{"id":"bad","method":"m"}',
  '{"jsonrpc":"2.0","id":"bad","method":1}',
  '{"jsonrpc":"2.0","id":"bad","method":"m","params":"text"}',
  '{"jsonrpc":"2.0","id":"bad"}',
];

const ODD_IDS = ["1.5", "9007199254740993", "1e400", "null", "true", "[]", "{}"];

/** Messages that are wrong, or strange, in frames that are right. */
export const messages: readonly Scenario[] = [
  servesOn({
    name: "not-json",
    what: "sends frames that are no JSON",
    act: async (worker, trial) => {
      for (const text of ["hello", '{"jsonrpc":"2.0","id":1,', "]", "{'a':1}", '{"a":1}}']) worker.sayText(text);
      await worker.serves();
      trial.note(`${summary(worker.answers().filter(({ id }) => id === null || id === undefined))} to 5 frames`);
    },
  }),
  servesOn({
    name: "bad-messages",
    what: "sends JSON that is no request",
    act: async (worker, trial) => {
      for (const text of BAD_MESSAGES) worker.sayText(text);
      await worker.serves();
      const answers = worker.answers().filter(({ id }) => id === null || id === undefined || id === "bad");
      trial.note(`${summary(answers)} to ${BAD_MESSAGES.length} frames`);
    },
  }),
  servesOn({
    name: "unknown-method",
    what: "requests a method that there isn't",
    must: "answers -32601 and serves on",
    act: async (worker, trial) => {
      worker.ask("unknown", { method: "procwire-faults/no such method" });
      await worker.waitFor(() => worker.answersTo("unknown").length > 0);
      const [answer] = worker.answersTo("unknown");
      trial.expect(answer?.error?.code === -32601, answer === undefined ? "no answer" : `answered ${inWords(answer)}`);
    },
  }),
  servesOn({
    name: "prototype-names",
    what: "requests methods named like members that every object has",
    must: "answers each with an error and serves on",
    act: async (worker, trial) => {
      const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", ""];
      for (const name of names) worker.ask(`name ${name}`, { method: name });
      const answered = (): boolean => names.every((name) => worker.answersTo(`name ${name}`).length > 0);
      trial.expect(await worker.waitFor(answered), "some are not answered");
      const found = names.filter((name) => worker.answersTo(`name ${name}`).some(({ error }) => error === undefined));
      trial.expect(found.length === 0, `there is a method ${found.map((name) => `"${name}"`).join(", ")}`);
    },
  }),
  servesOn({
    name: "unknown-notification",
    what: "sends a notification that nobody knows",
    must: "answers nothing and serves on",
    act: async (worker, trial) => {
      const before = worker.answers().length;
      worker.say({ jsonrpc: "2.0", method: "procwire-faults/nobody knows", params: {} });
      if (await worker.serves()) trial.expect(worker.answers().length === before + 1, "answered a notification");
    },
  }),
  servesOn({
    name: "ids",
    what: "uses the ids that a request may have: texts, an empty one, 0, a negative one, a long one",
    must: "answers each with its own id and serves on",
    act: async (worker, trial) => {
      const ids = ["text", "", 0, -1, 2 ** 53 - 1, "ä\u2028\u0000", "x".repeat(10_000)];
      for (const id of ids) worker.ask(id);
      const missing = (): unknown[] => ids.filter((id) => worker.answersTo(id).length !== 1);
      await worker.waitFor(() => missing().length === 0);
      const left = missing().map((id) => JSON.stringify(id).slice(0, 20));
      trial.expect(left.length === 0, `no answer, or not one, to the ids ${left.join(", ")}`);
    },
  }),
  servesOn({
    name: "odd-ids",
    what: "uses ids that a request should not have: 1.5, one beyond 2^53, 1e400, null, true, [], {}",
    act: async (worker, trial) => {
      const { method } = trial.target;
      for (const id of ODD_IDS) worker.sayText(`{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)}}`);
      await worker.serves();
      trial.note(
        `${summary(worker.answers().filter(({ id }) => typeof id !== "string"))} to ${ODD_IDS.length} requests`,
      );
    },
  }),
  servesOn({
    name: "same-id",
    what: "uses one id for two requests at a time",
    act: async (worker, trial) => {
      const one = worker.frame(
        JSON.stringify({ jsonrpc: "2.0", id: "twice", method: trial.target.method, params: {} }),
      );
      worker.write(Buffer.concat([one, one]));
      await worker.serves();
      trial.note(summary(worker.answersTo("twice")));
    },
  }),
  servesOn({
    name: "duplicate-keys",
    what: "sends a request with two ids and two methods",
    act: async (worker, trial) => {
      worker.sayText('{"jsonrpc":"2.0","id":"one","id":"two","method":"a","method":"b","params":{},"params":[]}');
      await worker.serves();
      const known = worker.answers().filter(({ id }) => !String(id).startsWith("probe") && id !== "hello");
      trial.note(known.map((answer) => `${inWords(answer)} to the id ${JSON.stringify(answer.id)}`).join(", "));
    },
  }),
  servesOn({
    name: "batches",
    what: "sends batches: an empty one, one of numbers, one of a request and a notification",
    act: async (worker, trial) => {
      const { method } = trial.target;
      worker.sayText("[]");
      worker.sayText("[1,2]");
      worker.say([
        { jsonrpc: "2.0", id: "in a batch", method },
        { jsonrpc: "2.0", method: "procwire-faults/nobody knows" },
      ]);
      await worker.serves();
      const [answer] = worker.answersTo("in a batch");
      trial.note(`the request in a batch: ${answer === undefined ? "no answer" : inWords(answer)}`);
    },
  }),
  servesOn({
    name: "answers-to-nothing",
    what: "answers what it was never asked, with results and errors",
    must: "answers none of it and serves on",
    act: async (worker, trial) => {
      const before = worker.answers().length;
      for (const id of [1, "1", null, 123_456]) {
        worker.say({ jsonrpc: "2.0", id, result: {} });
        worker.say({ jsonrpc: "2.0", id, error: { code: -32603, message: "Internal error" } });
      }
      if (!(await worker.serves())) return;
      const more = worker.answers().length - before - 1;
      trial.expect(more === 0, `answered ${more} of 8 answers`);
    },
  }),
  servesOn({
    name: "cancels-nothing",
    what: "cancels requests that it never made",
    must: "answers none of it and serves on",
    act: async (worker, trial) => {
      const before = worker.answers().length;
      for (const id of [1, "x", null]) {
        worker.say({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } });
        worker.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
      }
      worker.say({ jsonrpc: "2.0", method: "$/cancelRequest" });
      if (await worker.serves()) trial.expect(worker.answers().length === before + 1, "answered a notification");
    },
  }),
  servesOn({
    name: "strange-values",
    what: "sends params with lone surrogates, U+2028, NUL, 1e999, numbers beyond 2^53 and __proto__",
    act: async (worker, trial) => {
      const { method } = trial.target;
      const values = ['"\\ud800"', '"\u2028"', '"\\u0000"', "1e999", "9007199254740993", '{"__proto__":{"a":1}}'];
      for (const [at, value] of values.entries()) {
        const params = `{"value":${value}}`;
        worker.sayText(`{"jsonrpc":"2.0","id":"value ${at}","method":${JSON.stringify(method)},"params":${params}}`);
      }
      const given = (): number => values.filter((_, at) => worker.answersTo(`value ${at}`).length > 0).length;
      await worker.waitFor(() => given() === values.length);
      trial.note(`answered ${given()} of ${values.length}`);
    },
  }),
];
