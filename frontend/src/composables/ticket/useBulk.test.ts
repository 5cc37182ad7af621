import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'

import type { MyTask, TicketRow } from '@/api/types'
import { playServer } from '@/testing/server'
import { aMyTask, aPlanLine, aRow } from '@/testing/ticket'

import { useBulk } from './useBulk'

afterEach(() => vi.unstubAllGlobals())

function row(number: string, task?: Partial<MyTask>): TicketRow {
  const my_tasks = task ? [aMyTask({ id: 1, ...task })] : []
  return aRow({ number, title: `工单 ${number}`, my_tasks })
}

function bulkOf(...given: TicketRow[]) {
  const rows = ref(given)
  return { rows, bulk: useBulk(() => rows.value as TicketRow[]) }
}

describe('useBulk', () => {
  it('decides only where the verb fits, and tells what became of each', async () => {
    const [a, b, c] = [
      row('A', { id: 1 }),
      row('B', { id: 2 }),
      row('C', { id: 3, type: 'confirm' }),
    ]
    const { bulk } = bulkOf(a, b, c)
    const calls = playServer([
      200,
      [
        { id: 1, ok: true },
        { id: 2, ok: false, code: 'task_already_decided' },
      ],
    ])
    bulk.toggleAll()
    expect(bulk.fitting('confirm').map(({ number }) => number)).toEqual(['C'])
    expect(await bulk.decide('approve', ' 同意 ')).toBe(true)
    const seen = { digest: 'd1', ticket_version: 4 }
    const items = [
      { id: 1, ...seen },
      { id: 2, ...seen },
    ]
    expect(calls[0]?.body).toEqual({ items, action: 'approve', comment: '同意' })
    expect(bulk.outcome.value?.lines).toEqual([
      { number: 'A', title: '工单 A', ok: true, code: '' },
      { number: 'B', title: '工单 B', ok: false, code: 'task_already_decided' },
    ])
    expect(bulk.selected.value).toEqual([])
  })

  it('leaves high risk, and what somebody else must sign, to their own pages', () => {
    const [risky, signed, plain] = [
      row('A', { one_by_one: true, plans: [{ ...aPlanLine, risk: 'high' }] }),
      row('B', { signed: true }),
      row('C', {}),
    ]
    const { bulk } = bulkOf(risky, signed, plain)
    bulk.toggleAll()
    expect(bulk.fitting('approve')).toEqual([plain])
    expect(bulk.apart.value).toEqual([risky])
    expect(bulk.fitting('return')).toHaveLength(3)
  })

  it('chooses nothing that is not mine to decide, and forgets what left the list', async () => {
    const [mine, others] = [row('A', {}), row('B')]
    const { rows, bulk } = bulkOf(mine, others)
    bulk.toggle(mine)
    bulk.toggle(others)
    expect(bulk.selected.value.map(({ number }) => number)).toEqual(['A'])
    rows.value = [others]
    await nextTick()
    rows.value = [mine, others]
    await nextTick()
    expect(bulk.selected.value).toEqual([])
  })

  it('keeps the selection when the answer was lost', async () => {
    playServer('no-answer')
    const mine = row('A', {})
    const { bulk } = bulkOf(mine)
    bulk.toggle(mine)
    expect(await bulk.decide('return', '缺方案')).toBe(false)
    expect(bulk.selected.value).toHaveLength(1)
    expect(bulk.outcome.value).toBeNull()
  })
})
