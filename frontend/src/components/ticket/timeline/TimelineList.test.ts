import { readFileSync } from 'node:fs'
import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'

import type { TicketEvent } from '@/api/types'
import { useLanguage } from '@/i18n'

import TimelineList from './TimelineList.vue'

const people = { bob: { name: '李波' }, frank: { name: '冯安' } }
const event = (kind: string, parts: Partial<TicketEvent> = {}): TicketEvent => ({
  seq: 1,
  at: '2026-11-20T14:02:00+08:00',
  kind,
  actor: null,
  on_behalf_of: null,
  data: {},
  hash: '',
  ...parts,
})
const timeline = (...events: TicketEvent[]) => mount(TimelineList, { props: { events, people } })

/** Every kind of event that the server can record, read from its declarations. */
const EVENTS = ['ticket', 'tasks', 'runs']
  .map((name) => readFileSync(`../tickets/trail/shapes/${name}.py`, 'utf8'))
  .join('\n')
const KINDS = [...EVENTS.matchAll(/^ {4}[A-Z_]+ = EventKind\("([a-z_]+\.[a-z_]+)"/gm)].map(
  ([, kind]) => kind ?? '',
)

describe('TimelineList', () => {
  it('names the proxy and for whom', () => {
    const data = { name: { zh: '会签' }, channel: 'card' }
    const shown = timeline(event('task.approved', { actor: 'bob', on_behalf_of: 'frank', data }))
    expect(shown.text()).toContain('李波 代 冯安')
    expect(shown.text()).toContain('同意「会签」')
    expect(shown.text()).toContain('来自企业微信')
  })

  it('names who made the proxy, where that was not its principal', () => {
    const by = (...made_by: string[]) =>
      timeline(
        event('task.approved', {
          actor: 'bob',
          on_behalf_of: 'frank',
          data: { name: { zh: '会签' }, proxy: { id: 1, made_by, act: 1, hash: '' } },
        }),
      ).text()
    expect(by('frank', 'bob')).toContain('代理由 冯安, 李波 设定')
    expect(by('frank')).not.toContain('代理由')
  })

  it('counts sub-tickets, and names those by number whose title is not told', async () => {
    const opened = (...children: { number: string; template: string; title: string | null }[]) =>
      timeline(event('subticket.opened', { data: { node: 'sub', children } })).text()
    const [told, untold] = [
      { number: 'P-1', template: 'ports', title: 'Ports' },
      { number: 'P-2', template: 'ports', title: null },
    ]
    await useLanguage('en')
    expect(opened(told)).toContain('“sub” opened a sub-ticket: Ports')
    expect(opened(told, untold)).toContain('“sub” opened 2 sub-tickets: Ports, P-2')
    await useLanguage('zh-hans')
    expect(opened(untold)).toContain('「sub」开出 1 个子工单：P-2')
  })

  it('tells a ticket without an applicant from a step without approvers', () => {
    const stuck = (data: object) => timeline(event('ticket.stuck', { data: { ...data } })).text()
    expect(stuck({ node: 'dba', round: 1 })).toContain('「dba」卡住了')
    expect(stuck({ node: 'dba' })).toContain('没有人能修改并重新提交')
  })

  it('stays legible for a kind it has never heard of', () => {
    const shown = timeline(event('quota.checked', { actor: 'bob', data: { node: 'dba' } }))
    expect(shown.text()).toContain('李波')
    expect(shown.text()).toContain('quota.checked dba')
  })

  it('shows the small steps only when asked', async () => {
    const shown = timeline(event('ticket.submitted'), event('node.opened', { seq: 2 }))
    expect(shown.findAll('li')).toHaveLength(1)
    await shown.get('button').trigger('click')
    expect(shown.findAll('li')).toHaveLength(2)
  })

  it('has words for everything that can happen, in both languages', async () => {
    expect(KINDS.length).toBeGreaterThan(30)
    for (const language of ['zh-hans', 'en'] as const) {
      await useLanguage(language)
      const shown = timeline(...KINDS.map((kind, seq) => event(kind, { seq })))
      await shown.get('button').trigger('click')
      expect(KINDS.filter((kind) => shown.text().includes(kind))).toEqual([])
      expect(shown.findAll('li')).toHaveLength(KINDS.length)
    }
  })

  it('draws what an edit changed, and says that decisions became void', () => {
    const diff = [{ field: 'racks', before: 12, after: 14 }]
    const edited = event('ticket.edited', {
      actor: 'bob',
      data: { name: '会签', diff, voided: true, comment: '应是 14 个' },
    })
    const fields = [{ key: 'racks', type: 'number', label: '机柜数' }]
    const shown = mount(TimelineList, {
      props: { events: [edited], people, fields },
      global: { plugins: [createPinia()] },
    })
    expect(shown.get('[data-testid="diff-racks"]').text()).toMatch(/机柜数.*12.*→.*14/s)
    expect(shown.text()).toContain('之前的同意已作废')
  })

  it('names people, places and ways of the new verbs', () => {
    const node = { node: 'dba', name: '会签' }
    const shown = timeline(
      event('task.assigned', { seq: 1, data: { node: 'leader', name: '直属上级' } }),
      event('task.transferred', { seq: 2, actor: 'bob', data: { ...node, users: ['frank'] } }),
      event('task.sign_added', {
        seq: 3,
        actor: 'bob',
        data: { ...node, users: ['frank'], position: 'before' },
      }),
      event('task.reassigned', { seq: 4, data: { ...node, from: ['bob'], users: ['frank'] } }),
      event('task.reassigned', { seq: 7, data: { ...node, from: [], users: ['frank'] } }),
      event('task.returned', { seq: 5, actor: 'bob', data: { ...node, to: 'leader' } }),
      event('task.timed_out', { seq: 6, data: { ...node, action: { transfer: {} } } }),
    )
    for (const words of [
      '把「会签」转交给 冯安',
      '请 冯安 为「会签」加签（在自己之前）',
      '从 李波 改派给 冯安',
      '把「会签」改派给 冯安',
      '从「会签」退回到「直属上级」',
      '「会签」超时，自动转交',
    ])
      expect(shown.text()).toContain(words)
  })

  it('tells the name and the size of a file that was added', () => {
    const data = { attachment: 'a1', name: '报价单.pdf', size: 2_400_000, sha256: 'f0' }
    const shown = timeline(event('ticket.attached', { actor: 'bob', data }))
    expect(shown.text()).toMatch(/李波\s*添加附件 报价单\.pdf（2\.3 MB）/)
  })

  it('test_A43: draws script in a comment as the letters it is', () => {
    const attack = '<img src=x onerror=alert(1)>{{ 7*7 }}'
    const shown = timeline(event('ticket.commented', { actor: 'bob', data: { text: attack } }))
    expect(shown.find('img').exists()).toBe(false)
    expect(shown.get('blockquote').text()).toBe(attack)
  })
})
