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
    { name: 'web-01', status: 'changed', changed: true, touched: true, message: '' },
    { name: 'web-02', status: 'failed', changed: false, touched: true, message: 'No space left' },
    { name: 'web-03', status: 'skipped', changed: false, message: '' },
  ]
  const given = { id: 5, state: 'failed', outcome: 'partial', allowed_actions: [], hosts }
  const job = { ...given, plan: { targets: hosts }, ...parts } as unknown as Job
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

  it('runs on all hosts only where somebody says so', async () => {
    const calls = playServer([200, {}])
    const wrapper = acts({ allowed_actions: ['rerun'] })
    await wrapper.get('[data-testid="job-rerun"]').trigger('click')
    await wrapper.get('[data-testid="choice-all"]').setValue()
    expect(wrapper.findAll('.hosts .chip')).toHaveLength(3)
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]?.body).toMatchObject({ hosts: 'all' })
  })

  it('goes on with the hosts that are left after a pause, and takes back one that has not come', async () => {
    const calls = playServer([200, {}], [200, {}])
    const paused = acts({ state: 'paused', allowed_actions: ['resume', 'cancel'] })
    await paused.get('[data-testid="job-resume"]').trigger('click')
    expect(paused.findAll('.hosts .chip').map((chip) => chip.text())).toEqual(['web-02', 'web-03'])
    await paused.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]).toMatchObject({ url: '/api/v1/jobs/5/resume', method: 'POST' })
    const running = acts({ state: 'running', allowed_actions: ['resume'] })
    expect(running.get('[data-testid="job-resume"]').text()).toBe('不暂停了')
    await running.get('[data-testid="job-resume"]').trigger('click')
    expect(running.find('.hosts').exists()).toBe(false)
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

  it('shows the way back that was signed, and runs it on the hosts that were touched', async () => {
    const calls = playServer([200, {}])
    const back = { name: { zh: '恢复配置', en: 'Restore' }, command: ['<b>restore</b> 9c41'] }
    const wrapper = acts({ allowed_actions: ['rollback'], back })
    expect(wrapper.get('[data-testid="job-rollback"]').classes()).toContain('danger')
    await wrapper.get('[data-testid="job-rollback"]').trigger('click')
    expect(wrapper.get('[data-testid="plan-back"]').text()).toContain('恢复配置')
    expect(wrapper.get('[data-testid="plan-back"] pre').text()).toBe('<b>restore</b> 9c41')
    expect(wrapper.find('[data-testid="plan-back"] b').exists()).toBe(false)
    expect(wrapper.findAll('.hosts .chip').map((chip) => chip.text())).toEqual(['web-01', 'web-02'])
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    await flushPromises()
    expect(calls[0]).toMatchObject({ url: '/api/v1/jobs/5/rollback', body: { comment: '' } })
    expect(wrapper.emitted('done')).toHaveLength(1)
  })

  it('wants words before it takes back what nobody knows the outcome of', async () => {
    const calls = playServer([200, {}])
    const wrapper = acts({ outcome: 'unknown', allowed_actions: ['rollback'], back: null })
    await wrapper.get('[data-testid="job-rollback"]').trigger('click')
    await wrapper.get('[data-testid="dialog-confirm"]').trigger('click')
    expect(calls).toHaveLength(0)
  })

  it('folds a long list of hosts behind their number', async () => {
    const hosts = Array.from({ length: 40 }, (_, at) => ({ name: `web-${at}`, status: 'failed' }))
    const wrapper = acts({ allowed_actions: ['rerun'], hosts: hosts as unknown as Job['hosts'] })
    await wrapper.get('[data-testid="job-rerun"]').trigger('click')
    const list = wrapper.get('details[data-testid="host-chips"]')
    expect(list.get('summary').text()).toContain('40')
    expect(list.attributes('open')).toBeUndefined()
  })

  it('asks for no words where nobody would hear them', async () => {
    const wrapper = acts({ allowed_actions: ['cancel'] })
    await wrapper.get('[data-testid="job-cancel"]').trigger('click')
    expect(wrapper.find('[data-testid="dialog-comment"]').exists()).toBe(false)
  })
})
