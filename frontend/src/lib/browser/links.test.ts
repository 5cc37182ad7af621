import { expect, it } from 'vitest'

import { pathOf } from './links'

it('stays on this site, whatever the server is called in its messages', () => {
  expect(pathOf('https://baton.example.com/tickets/CHG-1?task=3#trail')).toBe(
    '/tickets/CHG-1?task=3#trail',
  )
  expect(pathOf('/settings')).toBe('/settings')
})
