import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import type { JobRow } from '@/api/types'

import JobReason from './JobReason.vue'

function words(job: Partial<JobRow>): string {
  const row = { state: 'waiting', waits_for: [], site: '', started_at: null, ...job }
  return mount(JobReason, {
    props: { job: row as unknown as JobRow },
    global: { stubs: { RouterLink: { template: '<a><slot /></a>' } } },
  }).text()
}

describe('JobReason', () => {
  it('names the run in the way and its host', () => {
    const wait = {
      job: 7,
      ticket: 'CHG-7',
      running: true,
      held: false,
      host: 'web-01',
      action: null,
    }
    expect(words({ reason: 'host', waits_for: [wait] })).toMatch(/web-01.*CHG-7/s)
  })

  it('says no more of a run that the reader may not see than that it is there', () => {
    const wait = { job: null, ticket: null, running: true, held: false, host: null, action: null }
    expect(words({ reason: 'host', waits_for: [wait] })).toBe(
      '排队中：同一台主机上一次只运行一个变更。',
    )
  })

  it('says who must act where nobody knows what an earlier run still does', () => {
    const wait = {
      job: 7,
      ticket: 'CHG-7',
      running: false,
      held: true,
      host: 'web-01',
      action: null,
    }
    expect(words({ reason: 'host', waits_for: [wait] })).toMatch(/web-01.*标记为已处理.*CHG-7/s)
  })

  it('tells an executor that is away from a system that is', () => {
    expect(words({ reason: 'executor', site: 'sz' })).toContain('sz')
    expect(words({ reason: 'system' })).toContain('恢复后自动开始')
  })

  it('says from when on it may run', () => {
    expect(words({ reason: 'time', not_before: '2026-12-01T02:00:00Z' })).toContain('之后开始执行')
  })
})
