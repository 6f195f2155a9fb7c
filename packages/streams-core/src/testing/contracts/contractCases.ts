/** One promise of a contract; `run` rejects with an AssertionError where it is broken. Hand it to any test runner: `test(title, run)`. */
export interface ContractCase {
  readonly title: string
  run(): Promise<void>
}

/** Collects the cases of a contract. */
export function contractCases() {
  const cases: ContractCase[] = []
  return { cases, test: (title: string, run: () => Promise<void>) => void cases.push({ title, run }) }
}
