/** Does something `times` times, at most `width` of them at once. */
export async function inParallel(times: number, width: number, work: (round: number) => Promise<void>): Promise<void> {
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < times) await work(started++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
