import { describe, expect, it } from 'vitest'

import type { Field } from '@/api/types'
import { useLanguage } from '@/i18n'
import { money } from '@/lib/format/money'

import { columnsOf, labelsOf } from './cascade'
import { refusalOf, sizeWords } from './files'
import { isInside, problemAt, problemIn } from './problems'
import { daysOf } from './ranges'
import { totalOf, totalsOf } from './totals'

const column = (type: string, more: Partial<Field> = {}): Field => ({
  key: 'n',
  type,
  label: 'n',
  ...more,
})

describe('money', () => {
  it('groups digits and names the currency', async () => {
    expect(money(1234567.5, {})).toBe('¥ 1,234,567.50')
    expect(money(1200, { currency: 'USD', precision: 0 })).toBe('$ 1,200')
    await useLanguage('en')
    expect(money(-3, {})).toBe('¥ -3.00')
  })
})

describe('totalOf', () => {
  it('adds decimals exactly and leaves out what is no number', () => {
    expect(totalOf(column('money'), [{ n: 0.1 }, { n: 0.2 }, { n: 'x' }, {}])).toBe(0.3)
    expect(totalOf(column('number', { precision: 3 }), [{ n: 1.005 }, { n: 2.005 }])).toBe(3.01)
  })

  it('does not add words', () => {
    expect(totalOf(column('text'), [{ n: '1' }])).toBeNull()
  })

  it('adds amounts up, but no prices that stand beside how many', () => {
    const field = (key: string, type: string) => ({ key, type, label: key })
    const rows = [
      { what: 'a', n: 3, price: 12 },
      { what: 'b', n: 1, price: 30 },
    ]
    const amounts = [field('what', 'text'), field('price', 'money')]
    expect(totalsOf(amounts, rows)).toEqual(['', '¥ 42.00'])
    expect(totalsOf([...amounts, field('n', 'number')], rows)).toEqual(['', '', '4'])
  })
})

describe('daysOf', () => {
  it.each([
    ['2026-11-20', '2026-11-20', 1],
    ['2026-02-27', '2026-03-01', 3],
    ['2026-03-28', '2026-03-30', 3],
    ['2026-11-20', '2026-11-19', null],
    ['', '2026-11-19', null],
  ])('counts %s to %s as %s', (start, end, days) => {
    expect(daysOf({ start, end })).toBe(days)
  })
})

describe('cascade', () => {
  const options = [
    {
      value: 'sh',
      label: { zh: '上海' },
      children: [{ value: 'zj', label: '张江' }, { value: 'wgq' }],
    },
    { value: 'bj' },
  ]

  it('opens a column for each step that goes on', () => {
    const shown = (way: string[]) => columnsOf(options, way).map((level) => level.length)
    expect(shown([])).toEqual([2])
    expect(shown(['sh'])).toEqual([2, 2])
    expect(shown(['sh', 'zj'])).toEqual([2, 2])
    expect(shown(['gone', 'zj'])).toEqual([2])
  })

  it('calls a step by its label, or by its value where there is none', () => {
    expect(labelsOf(options, ['sh', 'wgq'])).toEqual(['上海', 'wgq'])
    expect(labelsOf(options, ['gone', 'x'])).toEqual(['gone', 'x'])
  })
})

describe('files', () => {
  const field = column('attachment', { max_size_mb: 1, accept: ['pdf', 'tar.gz'] })
  it.each([
    ['a.pdf', 100, ''],
    ['A.PDF', 100, ''],
    ['a.tar.gz', 100, ''],
    ['a.gz', 100, '不接受这种文件。可以传：pdf tar.gz'],
    ['a.pdf.exe', 100, '不接受这种文件。可以传：pdf tar.gz'],
    ['a.pdf', 0, '这是一个空文件。请换一个有内容的。'],
    ['a.pdf', 1.5 * 1024 * 1024, '文件有 1.5 MB，超过上限 1 MB。请压缩或拆分后再传。'],
  ])('judges %s of %d bytes before it is sent', (name, size, words) => {
    expect(refusalOf({ name, size }, field)).toBe(words)
  })

  it('says sizes as people do', () => {
    expect([12, 2048, 1024 * 1024 * 12.4].map(sizeWords)).toEqual(['12 B', '2.0 KB', '12 MB'])
  })
})

describe('problems', () => {
  const found = [{ path: 'form.items[3].price', code: 'required', message: '请填写。' }]

  it('knows what lies inside what', () => {
    expect(isInside('form.items[3].price', 'form.items')).toBe(true)
    expect(isInside('form.items2', 'form.items')).toBe(false)
    expect(problemAt(found, 'form.items')).toBe('')
    expect(problemIn(found, 'form.items[3]')).toBe('请填写。')
  })
})
