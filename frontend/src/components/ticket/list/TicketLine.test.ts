import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'

import type { Me, TicketRow } from '@/api/types'
import { useSession } from '@/stores/session'
import { aMyTask, aPlanLine, aRow } from '@/testing/ticket'

import TicketLine from './TicketLine.vue'

function line(parts: Partial<TicketRow>, username = 'carol') {
  const pinia = createPinia()
  useSession(pinia).me = { username } as Me
  return mount(TicketLine, {
    props: { row: aRow(parts) },
    global: { plugins: [pinia], stubs: { RouterLink: { template: '<a><slot /></a>' } } },
  })
}

describe('TicketLine', () => {
  it('says for whom, what would run and where, and which digest is signed', () => {
    const task = aMyTask({
      acting_for: 'bob',
      acting_for_name: '周博',
      digest: '9c41aaaaaaaae07b',
      plans: [{ ...aPlanLine, hosts: ['a', 'b', 'c'] }, aPlanLine],
    })
    const words = line({ my_tasks: [task] })
      .text()
      .replace(/\s+/g, ' ')
    for (const said of ['代 周博', '服务重启', 'a, b 等 3 台', '另有 1 项执行', '9c41…e07b'])
      expect(words).toContain(said)
    expect(words).not.toContain('高风险')
  })

  it('says why there is no quick yes', () => {
    const plans = [{ ...aPlanLine, risk: 'high' }]
    expect(line({ my_tasks: [aMyTask({ plans, one_by_one: true })] }).text()).toContain(
      '请打开详情，核对计划后再同意',
    )
    const signed = aMyTask({ signed: true, acting_for: 'bob', acting_for_name: '周博' })
    expect(line({ my_tasks: [signed] }).text()).toContain('要由 周博 本人来签')
  })

  it('stays one line where there is nothing of the kind to say', () => {
    expect(line({ my_tasks: [aMyTask()] }).classes()).not.toContain('noted')
  })

  it('says whose turn a returned ticket is', () => {
    expect(line({ state: 'returned' }, 'alice').text()).toContain('等你修改')
    expect(line({ state: 'returned' }, 'bob').text()).toContain('等 林悦')
  })
})
