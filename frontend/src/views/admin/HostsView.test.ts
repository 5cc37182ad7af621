import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { Host } from '@/api/types'
import { openView, type Reply } from '@/testing/view'

import HostsView from './HostsView.vue'

const aHost = (name: string): Host => ({
  name,
  connection: 'ssh',
  groups: ['web'],
  labels: {},
  site: '',
  is_active: true,
  may_target: true,
  limited_by: [],
  facts: {},
  facts_at: null,
  check_result: '',
  checked_at: null,
  check_requested_at: null,
  created_at: '2026-11-20T14:02:00+08:00',
  updated_at: '2026-11-20T14:02:00+08:00',
  address: '10.0.0.1',
  port: null,
  user: null,
  minion: null,
  variables: null,
  check_message: null,
})
const TOTALS = { total: 2, disabled: 0, unreachable: 1, never_checked: 2, by_salt: 0, local: 0 }
const open = (at: string, answers: Record<string, Reply> = {}) =>
  openView(HostsView, {
    at,
    me: { permissions: ['automation.operate'] },
    answers: {
      'GET inventory': { totals: TOTALS, sites: [], labels: [] },
      'GET hosts': { results: [aHost('web-01'), aHost('web-02')], next: null, totals: TOTALS },
      ...answers,
    },
  })

describe('the inventory', () => {
  it('lists the hosts that the address asks for, and counts them', async () => {
    const { byHook, asked } = await open('/admin/hosts?group=web')
    expect(asked('GET hosts')[0]?.query).toMatchObject({ group: 'web', total: 'true' })
    expect(byHook('host-row-web-01').text()).toContain('10.0.0.1')
    expect(byHook('hosts-count').text()).toContain('2')
    expect(byHook('hosts-count').text()).toContain('1')
  })

  it('asks whether the ticked ones answer', async () => {
    const { byHook, asked } = await open('/admin/hosts', { 'POST hosts/check': { asked: 1 } })
    await byHook('host-tick-web-02').setValue(true)
    await byHook('check-chosen').trigger('click')
    await flushPromises()
    expect(asked('POST hosts/check')[0]?.body).toEqual({ names: ['web-02'] })
  })

  it('teaches where there is nothing yet, and lets go of filters that hide everything', async () => {
    const none = { 'GET hosts': { results: [], next: null, totals: { ...TOTALS, total: 0 } } }
    const { wrapper, router } = await open('/admin/hosts?q=nothing', none)
    await wrapper.get('.panel button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
    expect(wrapper.get('.panel').text()).toContain('主机')
  })
})
