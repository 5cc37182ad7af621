import { describe, expect, it } from 'vitest'

import type { Field } from '@/api/types'
import { useLanguage } from '@/i18n'

import { limitWords } from './limits'

const field = (type: string, more: Partial<Field> = {}): Field => ({
  key: 'a',
  type,
  label: 'a',
  ...more,
})

describe('limitWords', () => {
  it.each([
    [field('text', { max_length: 80 }), '最多 80 字'],
    [field('textarea', { min_length: 5, max_length: 200 }), '5 到 200 字'],
    [field('number', { min: 1, max: 50, unit: '台' }), '1 到 50 台，整数'],
    [field('number', { precision: 2 }), '最多 2 位小数'],
    [field('money', { max: 1000000 }), '最多 1,000,000.00'],
    [field('users', { min_items: 2 }), '至少 2 人'],
    [field('table', { min_items: 3, max_items: 3 }), '3 行'],
    [field('daterange', { max_days: 30 }), '最多 30 天'],
    [
      field('attachment', { max_items: 3, max_size_mb: 5, accept: ['pdf', 'tar.gz'] }),
      '最多 3 个文件，每个不超过 5 MB，可传 pdf tar.gz',
    ],
    [field('select'), ''],
  ])('says what %o takes', (asked, words) => {
    expect(limitWords(asked)).toBe(words)
  })

  it('says it in English, too', async () => {
    await useLanguage('en')
    expect(limitWords(field('number', { min: 1, precision: 1 }))).toBe(
      'at least 1, up to 1 decimal',
    )
    expect(limitWords(field('table', { max_items: 1 }))).toBe('at most 1 row')
    expect(limitWords(field('users', { min_items: 2, max_items: 5 }))).toBe('2 to 5 people')
  })
})
