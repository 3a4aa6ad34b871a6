import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Workspace packages load from their sources, so that a test run needs no build.
  // The other three are Vite's defaults, which this list replaces.
  ssr: { resolve: { conditions: ["procwire-source", "module", "node", "development|production"] } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    globalSetup: ["test/support/bundle-programs.ts"],
    restoreMocks: true,
    // Vitest leaves one CPU to itself, which on two is half of them; many tests wait for processes most of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Node 20's compiler (V8 11.3) sometimes allocates beyond a page where a test fakes `performance`, and the process
    // dies of SIGSEGV: test/channel/interleavings.test.ts, in two of five runs. Without this optimization it never did.
    execArgv: ["--no-turbo-allocation-folding"],
  },
});
