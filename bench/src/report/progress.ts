/** One line that tells how far the run is; where output is no terminal, a dot now and then. */
export class Progress {
  #total: number;
  readonly #started = performance.now();
  #done = 0;
  #leftOut = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Called before each lap. */
  next(what: string): void {
    const { stdout } = process;
    if (stdout.isTTY) {
      const line = `[${this.#done + 1}/${this.#total}]${this.#remaining()} ${what}`;
      stdout.write(`\r\u001b[K${line.slice(0, stdout.columns - 1)}`);
    } else if (this.#done % Math.ceil(this.#total / 40) === 0) {
      stdout.write(this.#done === 0 ? `at most ${this.#total} laps ` : ".");
    }
    this.#done += 1;
  }

  /** What will not be done after all. */
  skip(laps: number): void {
    this.#total -= laps;
    this.#leftOut += laps;
  }

  /**
   * How much of what is left fits into the rest of the time, at most 1. Not judged before a third is done: the first
   * laps contain the starts of all processes.
   */
  shareThatFits(budgetMs: number): number {
    if (this.#done < this.#total / 3) return 1;
    const elapsed = performance.now() - this.#started;
    const needed = (elapsed / this.#done) * (this.#total - this.#done);
    return Math.min(1, Math.max(0, budgetMs - elapsed) / needed);
  }

  /** How many seconds it took. */
  end(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    process.stdout.write(process.stdout.isTTY ? "\r\u001b[K" : "\n");
    const leftOut = this.#leftOut === 0 ? "" : `, ${this.#leftOut} left out to keep to the time`;
    console.log(`${this.#done} laps in ${seconds.toFixed(1)} s${leftOut}`);
    return seconds;
  }

  #remaining(): string {
    if (this.#done < this.#total / 20) return "";
    const perLap = (performance.now() - this.#started) / this.#done;
    return ` ${Math.ceil((perLap * (this.#total - this.#done)) / 1000)} s left,`;
  }
}
