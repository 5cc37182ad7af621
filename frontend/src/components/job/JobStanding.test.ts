import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { Job } from '@/api/types'

import JobStanding from './JobStanding.vue'

function words(outcome: string, ...allowed_actions: string[]): string {
  const ticket = { number: 'CHG-1', state: 'failed' }
  const job = { state: 'failed', outcome, allowed_actions, ticket } as unknown as Job
  return mount(JobStanding, { props: { job } }).text()
}

describe('JobStanding', () => {
  it('sends to the hosts after a failure, and to who changed it after a refusal', () => {
    expect(words('failed', 'rerun', 'resolve')).toContain('看看失败的主机和日志')
    expect(words('refused', 'rerun', 'resolve')).toContain('先查清什么变了、是谁改的')
    expect(words('refused', 'rerun', 'resolve')).not.toContain('失败的主机')
  })

  it('offers by hand what cannot run again, and whoever may do nothing a helper', () => {
    expect(words('expired', 'resolve')).toContain('批准已过期')
    expect(words('refused')).toContain('等有自动化操作权限的人处理')
  })

  it('says of a run that was taken back that nothing went wrong, and what is next', () => {
    const said = words('rolled_back', 'rerun', 'resolve')
    expect(said).toContain('原因处理好后可以重跑')
    expect(said).not.toContain('失败的主机')
  })
})
