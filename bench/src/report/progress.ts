/** One line that tells how far the run is; where output is no terminal, a dot now and then. */
export class Progress {
  readonly #total: number;
  readonly #started = performance.now();
  #done = 0;

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
      stdout.write(this.#done === 0 ? `${this.#total} laps ` : ".");
    }
    this.#done += 1;
  }

  /** How many seconds it took. */
  end(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    process.stdout.write(process.stdout.isTTY ? "\r\u001b[K" : "\n");
    console.log(`${this.#done} laps in ${seconds.toFixed(1)} s`);
    return seconds;
  }

  #remaining(): string {
    if (this.#done < this.#total / 20) return "";
    const perLap = (performance.now() - this.#started) / this.#done;
    return ` ${Math.ceil((perLap * (this.#total - this.#done)) / 1000)} s left,`;
  }
}
