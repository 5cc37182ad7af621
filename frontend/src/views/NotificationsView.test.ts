import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { openView, refused, type Reply } from '@/testing/view'

import NotificationsView from './NotificationsView.vue'

const row = (id: number, read_at: string | null = null) => ({
  id,
  at: '2026-11-20T02:00:00Z',
  kind: 'task.assigned',
  number: `CHG-${id}`,
  title: `轮到你：CHG-${id}`,
  text: '',
  actor: 'alice',
  url: `https://baton.example.com/tickets/CHG-${id}`,
  read_at,
})
const page = (results: object[], unread: number, next: string | null = null) => ({
  results,
  next,
  unread,
})
const open = (answers: Record<string, Reply>) =>
  openView(NotificationsView, { at: '/notifications', answers })

describe('the notifications', () => {
  it('teach what they are for while there are none', async () => {
    const { wrapper } = await open({ 'GET notifications': page([], 0) })
    expect(wrapper.text()).toContain('还没有通知')
    expect(wrapper.find('[data-testid="read-all"]').exists()).toBe(false)
  })

  it('say what went wrong, and ask again', async () => {
    let asked = 0
    const { wrapper } = await open({
      'GET notifications': () =>
        asked++ ? page([row(1)], 1) : refused(503, { code: 'unavailable', detail: '稍后再试。' }),
    })
    expect(wrapper.text()).toContain('稍后再试。')
    await wrapper.get('[role="alert"] button').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('轮到你：CHG-1')
  })

  it('lead to the ticket on this site, and are read by that', async () => {
    const { wrapper, asked } = await open({
      'GET notifications': page([row(1), row(2, '2026-11-20T03:00:00Z')], 1),
      'POST notifications/read': { read: 1, unread: 0 },
    })
    const [fresh, old] = wrapper.findAll('.line')
    expect([fresh?.classes('unread'), old?.classes('unread')]).toEqual([true, false])
    expect(fresh?.attributes('to')).toBe('/tickets/CHG-1')
    await fresh?.trigger('click')
    await flushPromises()
    expect(asked('POST notifications/read').map((call) => call.body)).toEqual([{ ids: [1] }])
  })

  it('are read all at once, and show only the unread on demand', async () => {
    const { wrapper, asked, byHook } = await open({
      'GET notifications': ({ query }) =>
        query.unread ? page([], 0) : page([row(1)], 1, query.cursor ? null : 'more'),
      'POST notifications/read': { read: 1, unread: 0 },
    })
    await byHook('read-all').trigger('click')
    await flushPromises()
    expect(asked('POST notifications/read').map((call) => call.body)).toEqual([{ all: true }])
    await byHook('show-unread').trigger('click')
    await flushPromises()
    expect(wrapper.text()).toContain('都读过了')
  })
})
