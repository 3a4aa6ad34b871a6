import { expect, test } from "vitest";
import { RequestTable } from "../../src/channel/records/request-table.js";

interface Entry {
  readonly id: number;
}

function tableOf(...ids: readonly number[]): RequestTable<Entry> {
  const table = new RequestTable<Entry>();
  for (const id of ids) table.add({ id });
  return table;
}

/** Ids that fall on the same place of a small table, and others between them. */
const IDS = [1, 2, 65, 129, 130, 1_025];

test("requests whose places fall together are all found, and each is taken out once", () => {
  const table = tableOf(...IDS);
  expect(table.size).toBe(IDS.length);
  for (const id of IDS) expect(table.get(id)).toMatchObject({ id });
  for (const [taken, id] of [65, 1, 1_025, 2, 130, 129].entries()) {
    expect(table.take(id)).toMatchObject({ id });
    expect(table.take(id)).toBeUndefined();
    expect(table.size).toBe(IDS.length - taken - 1);
  }
});

test("all of them come in the order in which they were made, also those whose places fell together", () => {
  expect(tableOf(1_025, 2, 1, 129, 65, 130).all()).toMatchObject(IDS.map((id) => ({ id })));
});

test("the last taking out takes all, and leaves an empty table that can be used again", () => {
  const table = tableOf(...IDS);
  expect(table.takeAll()).toHaveLength(IDS.length);
  expect(table.size).toBe(0);
  expect(table.get(1)).toBeUndefined();
  table.add({ id: 1 });
  expect(table.all()).toMatchObject([{ id: 1 }]);
});

test("some that stay are still found after twenty thousand that came and went", () => {
  const staying = [1, 64, 700];
  const table = tableOf(...staying);
  for (let id = 701; id < 20_000; id++) {
    table.add({ id });
    if (id >= 800) expect(table.take(id - 99)?.id === id - 99).toBe(true);
  }
  expect(table.size).toBe(staying.length + 99);
  for (const id of staying) expect(table.take(id)).toMatchObject({ id });
});

test.each(["1", 1.5, NaN, 2 ** 32 + 1, -1, null])("%j is no request of ours", (id) => {
  expect(tableOf(1, 65).take(id)).toBeUndefined();
});
