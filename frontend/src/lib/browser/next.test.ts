import { expect, it } from 'vitest'

import { safeNext } from './next'

it.each([
  ['/tickets/CHG-1?x=1', '/tickets/CHG-1?x=1'],
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('goes on from the log-in to %s as %s: never to another site', (asked, path) => {
  expect(safeNext(asked)).toBe(path)
})
