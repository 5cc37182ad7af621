import { describe, expect, it } from 'vitest'

import type { Task, TicketEvent } from '@/api/types'
import { aTask, aTicket } from '@/testing/ticket'

import { comesBack, lastReturn } from './returns'

const at = (minute: number) => `2026-11-20T14:0${minute}:00+08:00`
const decided = (id: number, state: Task['state'], minute: number) =>
  aTask({ id, state, decided_by: 'bob', decided_at: at(minute) })

describe('lastReturn', () => {
  const tasks = [decided(1, 'approved', 1), decided(2, 'returned', 3)]

  it('is the newest decision, while the applicant mends the ticket', () => {
    expect(lastReturn(aTicket({ state: 'returned', tasks }))?.id).toBe(2)
    expect(lastReturn(aTicket({ state: 'withdrawn', tasks }))).toBeNull()
  })

  it('stays while those it was sent back to are asked', () => {
    const asked = aTask({ id: 3, created_at: at(3) })
    expect(lastReturn(aTicket({ tasks: [...tasks, asked] }))?.id).toBe(2)
  })

  it('is over once it was handed in again, or somebody went on', () => {
    expect(
      lastReturn(aTicket({ tasks: [...tasks, aTask({ id: 3, created_at: at(4) })] })),
    ).toBeNull()
    expect(lastReturn(aTicket({ tasks: [...tasks, decided(3, 'approved', 4)] }))).toBeNull()
  })
})

describe('comesBack', () => {
  const returned = (data: TicketEvent['data']) => ({ kind: 'task.returned', data }) as TicketEvent
  const here = returned({ to: 'applicant', resume: 'here' })
  const mine = aTicket({ state: 'returned' })

  it('is said while the applicant mends what was to come straight back', () => {
    expect(comesBack(mine, [here])).toBe(true)
    expect(comesBack(aTicket({ state: 'approving' }), [here])).toBe(false)
  })

  it('goes by the last return', () => {
    expect(comesBack(mine, [here, returned({ to: 'applicant', resume: 'restart' })])).toBe(false)
    expect(comesBack(mine, [here, returned({ to: 'leader', resume: 'here' })])).toBe(false)
    expect(comesBack(mine, [])).toBe(false)
  })
})
