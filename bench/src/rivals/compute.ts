import { rustWorker } from "../programs.js";
import type { Rival, Task } from "./contract.js";
import { openHandLoop } from "./hand-loop.js";
import { open, openBinary } from "./procwire.js";

/** The rows of the compute table: the same algorithm in both languages, and what our worker does instead. */
export const computers: readonly Rival[] = [
  {
    id: "compute-node",
    name: "Node, same algorithm",
    what: "recursion, trial division, a plain loop; in the caller's own thread",
    can: ["compute-fib", "compute-prime", "compute-sum"],
    start: () =>
      Promise.resolve({
        compute: async (task, input) => ALGORITHMS[task](input as never),
        close: () => Promise.resolve(),
      }),
  },
  {
    id: "compute-rust",
    name: "Rust, same algorithm",
    what: "the same three in Rust, called through the hand-written loop (JSON)",
    can: ["compute-fib", "compute-prime", "compute-sum"],
    start: async (placement) => {
      const loop = await openHandLoop(placement);
      const arrays = new WeakMap<Float64Array, number[]>();
      return {
        compute: (task, input) => loop.compute(task, input instanceof Float64Array ? plain(input, arrays) : input),
        close: () => loop.close(),
      };
    },
  },
  {
    id: "compute-ours-recursive",
    name: "ours, same algorithm",
    what: "rust-worker's fibonacci_recursive, through our channel (JSON)",
    can: ["compute-fib"],
    start: async (placement) => {
      const { channel } = await open(placement.command(rustWorker, "--quiet"));
      return {
        compute: (_fib, n) => channel.request("fibonacci_recursive", { n }),
        close: () => channel.close(),
      };
    },
  },
  {
    id: "compute-ours",
    name: "ours, the worker's algorithm",
    what: "rust-worker's fibonacci (by doubling), is_prime (exact for 64 bits) and sum_array (rounded once), MessagePack",
    can: ["compute-fib", "compute-prime", "compute-sum"],
    start: async (placement) => {
      const { channel } = await openBinary(
        placement.command(rustWorker, "--quiet", "--framing", "length", "--codec", "msgpack"),
      );
      return {
        compute: (task, input) =>
          channel.request(METHODS[task], typeof input === "number" ? { n: input } : { numbers: input }),
        close: () => channel.close(),
      };
    },
  },
];

const METHODS: Record<Task, string> = { fib: "fibonacci", prime: "is_prime", sum: "sum_array" };

const ALGORITHMS = { fib: fibonacci, prime: isPrime, sum: sumOf };

function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

function isPrime(n: number): boolean {
  if (n < 4) return n > 1;
  if (n % 2 === 0) return false;
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) {
    if (n % divisor === 0) return false;
  }
  return true;
}

function sumOf(numbers: Float64Array): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/** JSON has no typed arrays; making a plain one is not what is measured. */
function plain(numbers: Float64Array, known: WeakMap<Float64Array, number[]>): number[] {
  const found = known.get(numbers) ?? Array.from(numbers);
  known.set(numbers, found);
  return found;
}
