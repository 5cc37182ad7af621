import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Source } from '@/api/sources'
import { playServer } from '@/testing/server'

import SourceReading from './SourceReading.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const RUN = { id: 9, source: 3, state: 'done', applied: false, held_back: '', errors: [] }
const CHANGE = { name: 'web-09', change: 'created', changes: [] }
const OUTCOME = { dry_run: true, unchanged: 4, changes: [CHANGE], missing_names: ['old-01'] }
const FOUND = { created: 1, updated: 0, missing: 1 }
const found = {
  ...RUN,
  ...FOUND,
  outcome: { ...OUTCOME, ...FOUND, has_more: false, warnings: [] },
}

async function open(parts: Partial<Source> = {}) {
  const source = { id: 3, name: 'prod', last_run: null, ...parts } as Source
  const wrapper = mount(SourceReading, { props: { source }, attachTo: document.body })
  await flushPromises()
  return wrapper
}

describe('SourceReading', () => {
  it('shows what a reading would change before it is applied', async () => {
    const calls = playServer([202, { id: 9 }], [200, found], [202, { id: 10 }], [200, found])
    const wrapper = await open()
    expect(calls[0]).toMatchObject({
      method: 'POST',
      url: '/api/v1/inventory/sources/3/run',
      body: { apply: false },
    })
    expect(wrapper.text()).toContain('web-09')
    expect(wrapper.text()).toContain('old-01')
    await wrapper.get('[data-testid="source-apply"]').trigger('click')
    await flushPromises()
    expect(calls[2]?.body).toEqual({ apply: true })
    expect(calls[3]?.url).toBe('/api/v1/inventory/runs/10')
  })

  it('follows a reading that is under way instead of asking for another one', async () => {
    const calls = playServer([200, { ...found, state: 'running', outcome: null }])
    const wrapper = await open({ last_run: { id: 9, state: 'running' } as Source['last_run'] })
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
    expect(wrapper.find('[data-testid="source-apply"]').exists()).toBe(false)
  })

  it('names what could not be read, and applies nothing of it', async () => {
    const errors = [{ path: 'line 3', code: 'two_addresses', message: 'web-01 has two addresses.' }]
    const failed = { ...RUN, state: 'failed', errors, outcome: null, created: null, updated: null }
    playServer([202, { id: 9 }], [200, failed])
    const wrapper = await open()
    expect(wrapper.text()).toContain('web-01 has two addresses.')
    expect(wrapper.find('[data-testid="source-apply"]').exists()).toBe(false)
  })
})
