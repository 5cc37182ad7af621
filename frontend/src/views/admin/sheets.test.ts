import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { Host } from '@/api/types'
import { openView, refused, silence, type Reply } from '@/testing/view'

import ActionView from './ActionView.vue'
import HostView from './HostView.vue'
import IndexView from './IndexView.vue'

const AT = '2026-11-20T14:02:00+08:00'
const host: Host = {
  name: 'web-01',
  connection: 'ssh',
  groups: ['web'],
  labels: {},
  site: '',
  is_active: true,
  may_target: true,
  limited_by: [],
  facts: { os: 'Debian 12' },
  facts_at: AT,
  check_result: 'ok',
  checked_at: AT,
  check_requested_at: null,
  created_at: AT,
  updated_at: AT,
  address: '10.0.0.1',
  port: null,
  user: null,
  minion: null,
  variables: null,
  check_message: null,
}
const me = { is_admin: true }
const openHost = (answer: Reply, more: Record<string, Reply> = {}) =>
  openView(
    HostView,
    { at: '/admin/hosts/web-01', me, answers: { 'GET hosts/web-01': answer, ...more } },
    { name: 'web-01' },
  )

describe('the page of a host', () => {
  it('says how it is reached, where it belongs and what it last said of itself', async () => {
    const { wrapper } = await openHost(host)
    for (const words of ['10.0.0.1', 'web', 'Debian 12']) expect(wrapper.text()).toContain(words)
  })

  it('is enabled again where it rests', async () => {
    const { wrapper, byHook, asked } = await openHost(
      { ...host, is_active: false },
      { 'PATCH hosts/web-01': host },
    )
    expect(wrapper.text()).toContain('已停用')
    await byHook('host-enable').trigger('click')
    await flushPromises()
    expect(asked('PATCH hosts/web-01')[0]?.body).toEqual({ disabled: false })
    expect(asked('GET hosts/web-01')).toHaveLength(2)
  })

  it('offers nothing before it has come, and says so where there is no such host', async () => {
    const waiting = await openHost(silence)
    expect(waiting.wrapper.find('.loading').exists()).toBe(true)
    expect(waiting.wrapper.find('[data-testid="host-change"]').exists()).toBe(false)
    const { wrapper } = await openHost(refused(404, { code: 'not_found', detail: '没有这台主机' }))
    expect(wrapper.get('[role="alert"]').text()).toContain('没有这台主机')
  })
})

describe('the page of an action', () => {
  const open = (answer: Reply) =>
    openView(
      ActionView,
      { at: '/admin/actions/a.b', me, answers: { 'GET actions/a.b': answer } },
      { action: 'a.b' },
    )

  it('says so where no version of it was released', async () => {
    const { wrapper } = await open({ key: 'a.b', action: null, versions: [], allowed_actions: [] })
    expect(wrapper.find('.notice').exists()).toBe(true)
    expect(wrapper.find('[data-testid="versions"]').exists()).toBe(false)
  })

  it('shows that it loads, and says so where there is no such action', async () => {
    const waiting = await open(silence)
    expect(waiting.wrapper.find('.loading').exists()).toBe(true)
    const { wrapper } = await open(refused(404, { code: 'not_found', detail: '没有这个动作' }))
    expect(wrapper.get('[role="alert"]').text()).toContain('没有这个动作')
  })
})

describe('the way into the administration', () => {
  it('opens the first section that is open to this person', async () => {
    const rights = { permissions: ['automation.operate'] as const }
    const { router } = await openView(IndexView, {
      at: '/admin',
      me: { permissions: [...rights.permissions] },
      answers: {},
    })
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/admin/jobs')
  })
})
