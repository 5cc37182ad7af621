import { describe, expect, it } from 'vitest'

import { useLanguage } from '@/i18n'

import { plain, shortDigest, text } from './text'

describe('text', () => {
  it('follows the language of the reader', async () => {
    expect(text({ zh: '服务', en: 'Service' })).toBe('服务')
    await useLanguage('en')
    expect(text({ zh: '服务', en: 'Service' })).toBe('Service')
  })

  it('takes the other language rather than nothing', async () => {
    expect(text({ en: 'Service' })).toBe('Service')
    await useLanguage('en')
    expect(text({ zh: '服务' })).toBe('服务')
  })

  it.each([
    ['直属上级', '直属上级'],
    [null, ''],
    [undefined, ''],
  ])('reads %s as %s', (value, words) => {
    expect(text(value)).toBe(words)
  })
})

describe('shortDigest', () => {
  it('keeps both ends of a long digest and leaves a short one alone', () => {
    expect(shortDigest(`sha256:9c41${'0'.repeat(56)}e07b`)).toBe('9c41…e07b')
    expect(shortDigest('abc')).toBe('abc')
  })
})

describe('plain', () => {
  it.each([
    [null, '—'],
    [['a', 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    [false, 'false'],
    [0, '0'],
  ])('says %j as %s', (value, words) => {
    expect(plain(value)).toBe(words)
  })
})
