import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Job } from '@/api/types'
import { playServer } from '@/testing/server'

import ManualTicks from './ManualTicks.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

function ticks(...allowed_actions: string[]) {
  const host = (name: string, status: string) => ({ name, status, changed: false, message: '' })
  const hosts = [host('web-01', 'waiting'), host('web-02', 'ok'), host('web-03', 'not_reached')]
  const job = { id: 5, hosts, plan: { targets: hosts }, allowed_actions } as unknown as Job
  return mount(ManualTicks, { props: { job }, attachTo: document.body })
}

describe('ManualTicks', () => {
  it('ticks off a host with one tap', async () => {
    const calls = playServer([200, {}])
    const shown = ticks('tick')
    expect(shown.text()).toContain('还有 1 台')
    expect(shown.find('[data-testid="tick-web-03"]').exists()).toBe(false)
    await shown.get('[data-testid="tick-web-01-changed"]').trigger('click')
    await flushPromises()
    expect(calls[0]).toMatchObject({
      url: '/api/v1/jobs/5/hosts/web-01',
      body: { status: 'changed', comment: '' },
    })
    expect(shown.emitted('done')).toHaveLength(1)
  })

  it('wants a word why a host failed', async () => {
    const calls = playServer([200, {}])
    const shown = ticks('tick')
    await shown.get('[data-testid="tick-web-01-failed"]').trigger('click')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    expect(calls).toHaveLength(0)
    await shown.get('[data-testid="dialog-comment"]').setValue('磁盘满')
    await shown.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toEqual({ status: 'failed', comment: '磁盘满' })
  })

  it('offers nothing to whom it was not given', () => {
    expect(ticks().findAll('button')).toHaveLength(0)
  })
})
