import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Job } from '@/api/types'
import { playServer } from '@/testing/server'

import JobActs from './JobActs.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

function acts(parts: Partial<Job>) {
  const hosts = [
    { name: 'web-01', status: 'changed', changed: true, message: '' },
    { name: 'web-02', status: 'failed', changed: false, message: 'No space left' },
    { name: 'web-03', status: 'skipped', changed: false, message: '' },
  ]
  const job = { id: 5, outcome: 'partial', allowed_actions: [], hosts, ...parts } as unknown as Job
  return mount(JobActs, { props: { job }, attachTo: document.body })
}

describe('JobActs', () => {
  it('names the hosts that would run again before it asks for it', async () => {
    const calls = playServer([200, {}])
    const wrapper = acts({ allowed_actions: ['rerun', 'resolve'] })
    await wrapper.get('[data-testid="job-rerun"]').trigger('click')
    expect(wrapper.findAll('.hosts .chip').map((chip) => chip.text())).toEqual(['web-02', 'web-03'])
    expect(calls).toHaveLength(0)
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]).toMatchObject({ url: '/api/v1/jobs/5/rerun', body: { hosts: 'failed' } })
    expect(wrapper.emitted('done')).toHaveLength(1)
  })

  it('wants words before a run nobody knows the outcome of is started again', async () => {
    const calls = playServer([200, {}])
    const wrapper = acts({ outcome: 'unknown', allowed_actions: ['rerun'] })
    await wrapper.get('[data-testid="job-rerun"]').trigger('click')
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    expect(calls).toHaveLength(0)
    await wrapper.get('[data-testid="dialog-comment"]').setValue('已逐台核对')
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toEqual({ hosts: 'failed', comment: '已逐台核对' })
  })

  it('asks for no words where nobody would hear them', async () => {
    const wrapper = acts({ allowed_actions: ['cancel'] })
    await wrapper.get('[data-testid="job-cancel"]').trigger('click')
    expect(wrapper.find('[data-testid="dialog-comment"]').exists()).toBe(false)
  })
})
