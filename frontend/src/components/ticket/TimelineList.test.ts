import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { TicketEvent } from '@/api/types'

import TimelineList from './TimelineList.vue'

const people = { bob: { name: '李波' }, frank: { name: '冯安' } }
const event = (kind: string, parts: Partial<TicketEvent> = {}): TicketEvent => ({
  seq: 1,
  at: '2026-11-20T14:02:00+08:00',
  kind,
  actor: null,
  on_behalf_of: null,
  data: {},
  hash: '',
  ...parts,
})
const timeline = (...events: TicketEvent[]) => mount(TimelineList, { props: { events, people } })

describe('TimelineList', () => {
  it('names the proxy and for whom', () => {
    const data = { name: { zh: '会签' }, channel: 'card' }
    const shown = timeline(event('task.approved', { actor: 'bob', on_behalf_of: 'frank', data }))
    expect(shown.text()).toContain('李波 代 冯安')
    expect(shown.text()).toContain('同意「会签」')
    expect(shown.text()).toContain('来自企业微信')
  })

  it('stays legible for a kind it has never heard of', () => {
    const shown = timeline(event('quota.checked', { actor: 'bob', data: { node: 'dba' } }))
    expect(shown.text()).toContain('李波')
    expect(shown.text()).toContain('quota.checked dba')
  })

  it('shows the small steps only when asked', async () => {
    const shown = timeline(event('ticket.submitted'), event('node.opened', { seq: 2 }))
    expect(shown.findAll('li')).toHaveLength(1)
    await shown.get('button').trigger('click')
    expect(shown.findAll('li')).toHaveLength(2)
  })

  it('test_A43: draws script in a comment as the letters it is', () => {
    const attack = '<img src=x onerror=alert(1)>{{ 7*7 }}'
    const shown = timeline(event('ticket.commented', { actor: 'bob', data: { text: attack } }))
    expect(shown.find('img').exists()).toBe(false)
    expect(shown.get('blockquote').text()).toBe(attack)
  })
})
