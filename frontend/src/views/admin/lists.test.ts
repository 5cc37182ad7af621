import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Component } from 'vue'

import type { Action } from '@/api/actions'
import type { AuditRun } from '@/api/audit'
import type { Credential } from '@/api/credentials'
import type { Group } from '@/api/groups'
import type { ShellAlarm, ShellLine, ShellWord } from '@/api/shells'
import type { Source } from '@/api/sources'
import { i18n } from '@/i18n'
import { aJob } from '@/testing/job'
import { openView, refused, silence, type Reply } from '@/testing/view'

import ActionsView from './ActionsView.vue'
import AuditView from './AuditView.vue'
import CredentialsView from './CredentialsView.vue'
import GroupsView from './GroupsView.vue'
import JobsView from './JobsView.vue'
import ShellAlarmsView from './ShellAlarmsView.vue'
import ShellsView from './ShellsView.vue'
import SourcesView from './SourcesView.vue'

const AT = '2026-11-20T14:02:00+08:00'
const page = (...results: object[]) => ({ results, next: null })

const action = {
  key: 'service.restart',
  version: 'a1',
  name: { zh: '服务重启' },
  description: '',
  executor: 'ansible',
  read_only: false,
  needs_targets: true,
  risk: 'high',
  dry_run: 'offered',
  diff: 'everyone',
  rollback: null,
  health_check: null,
  timeout_s: 60,
  valid_days: 7,
  batch: null,
  concurrency: null,
  credentials: [],
  usable_by: [],
  command: '',
  labels: {},
  params: [],
  schema: {},
} satisfies Partial<Action>
const run: AuditRun = {
  id: 3,
  mode: 'run',
  job: 5,
  attempt: 1,
  stage: 1,
  ticket: 'CHG-1',
  node: 'run',
  action: 'service.restart',
  action_name: { zh: '服务重启' },
  version: 'a1',
  executor: 'ansible',
  site: '',
  params: {},
  command: null,
  asked_by: 'alice',
  approved_by: ['bob'],
  began_at: AT,
  ended_at: AT,
  outcome: 'ok',
  host_count: 1,
  hosts: [],
  hosts_hidden: false,
}
const credential: Credential = {
  name: 'fleet-key',
  kind: 'ssh_key',
  description: '',
  source: 'sealed',
  vault: null,
  shown: { fingerprint: 'SHA256:abc' },
  key: 'k1',
  used_by: [],
  created_at: AT,
  changed_at: AT,
  changed_by: 'admin',
}
const group: Group = {
  name: 'web',
  description: '前端机',
  usable_by: ['everyone'],
  is_open: true,
  may_target: true,
  hosts: 3,
  disabled: 1,
  updated_at: AT,
}
const source: Source = {
  id: 2,
  name: 'cmdb',
  kind: 'table',
  path: 'hosts.csv',
  site: '',
  interval_min: 30,
  applies: false,
  most_changes: 20,
  is_active: true,
  hosts: 12,
  next_at: null,
  last_run: null,
}
const line: ShellLine = {
  id: 9,
  host: 'web-01',
  at: AT,
  received_at: AT,
  user: 'ann',
  session: 's1',
  tty: 'pts/0',
  source: '10.0.0.9',
  cwd: '/root',
  command: 'rm -rf <b>/tmp/x</b>',
  is_cut: false,
  alarm: null,
}
const word: ShellWord = {
  id: 4,
  pattern: 'rm -rf',
  group: null,
  template: '',
  applicant: null,
  form: {},
  tell: [],
  is_active: true,
  alarms: 1,
  problem: '',
  detail: '',
  updated_at: AT,
}
const alarm: ShellAlarm = {
  id: 6,
  word: 4,
  pattern: 'rm -rf',
  host: 'web-01',
  user: 'ann',
  session: 's1',
  source: '',
  at: AT,
  command: 'rm -rf /tmp/x',
  raised_at: AT,
  hits: 2,
  last_at: AT,
  ticket: null,
  problem: '',
  detail: '',
  settled: true,
}

interface Case {
  view: Component
  path: string
  row: object
  /** What the row shows. */
  words: string[]
  /** Key of what stands there where nothing is. */
  none: string
  beside?: Record<string, Reply>
}
const CASES: Record<string, Case> = {
  actions: {
    view: ActionsView,
    path: 'actions',
    row: action,
    words: ['服务重启', 'service.restart'],
    none: 'admin.actions.none',
  },
  audit: {
    view: AuditView,
    path: 'audit/runs',
    row: run,
    words: ['CHG-1', '服务重启'],
    none: 'admin.audit.none',
  },
  credentials: {
    view: CredentialsView,
    path: 'credentials',
    row: credential,
    words: ['fleet-key', 'SHA256:abc'],
    none: 'admin.credentials.none',
  },
  groups: {
    view: GroupsView,
    path: 'groups',
    row: group,
    words: ['web', '3'],
    none: 'admin.groups.none',
  },
  jobs: {
    view: JobsView,
    path: 'jobs',
    row: aJob(),
    words: ['CHG-1', '服务重启'],
    none: 'admin.jobs.none',
  },
  shells: {
    view: ShellsView,
    path: 'shell/lines',
    row: line,
    words: ['web-01', 'rm -rf <b>/tmp/x</b>'],
    none: 'admin.shells.none',
  },
  alarms: {
    view: ShellAlarmsView,
    path: 'shell/alarms',
    row: alarm,
    words: ['web-01', 'rm -rf /tmp/x'],
    none: 'admin.shells.noAlarms',
  },
  rules: {
    view: ShellAlarmsView,
    path: 'shell/words',
    row: word,
    words: ['rm -rf'],
    none: 'admin.shells.noRules',
  },
  sources: {
    view: SourcesView,
    path: 'inventory/sources',
    row: source,
    words: ['cmdb', '12'],
    none: 'admin.sources.none',
  },
}
/** What the pages ask for besides. */
const BESIDE = [
  'actions',
  'actions/sync',
  'shell/hosts',
  'shell/words',
  'shell/alarms',
  'shell/lines',
]

function open({ view, path }: Case, answer: Reply, at = '/admin') {
  const beside = Object.fromEntries(BESIDE.map((one) => [`GET ${one}`, page()]))
  const answers = { ...beside, [`GET ${path}`]: answer }
  return openView(view, { at, me: { is_admin: true }, answers })
}
const { t } = i18n.global

describe.each(Object.entries(CASES))('the list of %s', (_name, one) => {
  it('shows that it loads, and not that nothing is there', async () => {
    const { wrapper } = await open(one, silence)
    expect(wrapper.find('.loading').exists()).toBe(true)
    expect(wrapper.text()).not.toContain(t(one.none))
  })

  it('teaches where nothing is yet', async () => {
    const { wrapper } = await open(one, page())
    expect(wrapper.find('.loading').exists()).toBe(false)
    expect(wrapper.text()).toContain(t(one.none))
  })

  it('says what went wrong, and tries again', async () => {
    let isWell = false
    const { wrapper } = await open(one, () =>
      isWell ? page(one.row) : refused(500, { code: 'server', detail: '出错了' }),
    )
    const alert = wrapper.get('[role="alert"]')
    expect(alert.text()).toContain('出错了')
    isWell = true
    await alert.get('button').trigger('click')
    await flushPromises()
    expect(wrapper.find('[role="alert"]').exists()).toBe(false)
    for (const words of one.words) expect(wrapper.text()).toContain(words)
  })
})

describe.each(['actions', 'audit', 'jobs', 'shells'] as const)('the filters of %s', (name) => {
  it('are let go of where they hide everything', async () => {
    const filter = { actions: 'q=nothing', audit: 'host=x', jobs: 'host=x', shells: 'host=x' }[name]
    const one = CASES[name]
    if (!one) throw new Error(name)
    const row = name === 'actions' ? page(one.row) : page()
    const { wrapper, router } = await open(one, row, `/admin?${filter}`)
    expect(wrapper.text()).not.toContain(t(one.none))
    await wrapper.get('.panel .empty button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.query).toEqual({})
  })
})
