import { describe, expect, it, vi } from 'vitest'

import { createIntent, uuid } from './intent'

describe('createIntent', () => {
  it('keeps the key while the same is wanted, and makes a new one for anything else', () => {
    const intent = createIntent()
    const first = intent.keyFor('approve', 'fine')
    expect(intent.keyFor('approve', 'fine')).toBe(first)
    expect(intent.keyFor('approve', 'other words')).not.toBe(first)
  })

  it('makes a new key once the wish was answered', () => {
    const intent = createIntent()
    const first = intent.keyFor('remind')
    intent.done()
    expect(intent.keyFor('remind')).not.toBe(first)
  })
})

describe('uuid', () => {
  it('works on pages without HTTPS, where randomUUID is missing', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    expect(uuid()).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
    vi.unstubAllGlobals()
  })
})
