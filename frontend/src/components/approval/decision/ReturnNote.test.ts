import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { aTask, aTicket } from '@/testing/ticket'

import ReturnNote from './ReturnNote.vue'

const people = { bob: { name: '周博' }, carol: { name: '卡罗' } }
const note = (parts: Parameters<typeof aTask>[0]) => {
  const at = '2026-11-20T14:30:00+08:00'
  const task = aTask({
    assignee: 'bob',
    state: 'returned',
    decided_at: at,
    comment: '补充',
    ...parts,
  })
  const ticket = aTicket({ people, state: 'returned', tasks: [task] })
  return mount(ReturnNote, { props: { ticket, trail: [] } }).text()
}

describe('ReturnNote', () => {
  it('names who returned it, and for whom', () => {
    expect(note({ decided_by: 'carol', on_behalf_of: 'bob' })).toContain('卡罗 代 周博')
    expect(note({ decided_by: 'bob' })).toContain('周博')
    expect(note({ decided_by: 'bob' })).not.toContain('代')
  })
})
