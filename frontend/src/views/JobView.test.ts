import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import { aJob } from '@/testing/job'
import { openView, refused, type Reply } from '@/testing/view'

import JobView from './JobView.vue'

const LOG = 'TASK [Restart]\nchanged: [web-01]\nfatal: [web-02]: FAILED\n'
const open = (answers: Record<string, Reply>) =>
  openView(
    JobView,
    {
      at: '/jobs/5',
      answers: {
        'GET jobs/5/log': { text: LOG, next_offset: LOG.length, size: LOG.length, done: true },
        ...answers,
      },
    },
    { id: 5 },
  )

describe('the page of a run', () => {
  it('says what ran, on which hosts, how it ended, and what it said', async () => {
    const { wrapper, byHook } = await open({ 'GET jobs/5': aJob() })
    expect(wrapper.get('h1').text()).toBe('重启服务 #5')
    expect(byHook('job-ticket').text()).toBe('CHG-1 重启 nginx')
    expect(byHook('job-host-web-01').text()).toContain('已变更')
    expect(byHook('job-host-web-02').text()).toContain('失败')
    expect(byHook('job-log').text()).toContain('Restart')
    expect(wrapper.find('[data-testid="job-rerun"]').exists()).toBe(false)
  })

  it('runs again what failed, with a reason, and shows the new run', async () => {
    let now = aJob({ allowed_actions: ['rerun'] })
    const { wrapper, byHook, asked } = await open({
      'GET jobs/5': () => now,
      'POST jobs/5/rerun': () => (now = aJob({ state: 'running', outcome: '', attempt: 2 })),
    })
    await byHook('job-rerun').trigger('click')
    await byHook('dialog-comment').setValue('磁盘已清理')
    await byHook('dialog-confirm').trigger('click')
    await flushPromises()
    expect(asked('POST jobs/5/rerun')[0]).toMatchObject({
      body: { hosts: 'failed', comment: '磁盘已清理' },
      key: expect.stringMatching(/.{16,}/),
    })
    expect(wrapper.text()).toContain('执行中')
  })

  it('leads back to a list where there is no such run', async () => {
    const { wrapper } = await open({
      'GET jobs/5': () => refused(404, { code: 'not_found', detail: '没有这次执行。' }),
    })
    expect(wrapper.get('[role="alert"]').text()).toContain('没有这次执行。')
  })
})
