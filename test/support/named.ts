/** Cases for `test.each` and `describe.each`, whose `%s` is the case's name. */
export function named<Case extends { readonly name: string }>(cases: readonly Case[]): [string, Case][] {
  return cases.map((one) => [one.name, one]);
}
