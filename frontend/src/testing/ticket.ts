import type { MyTask, Plan, Task, Ticket, TicketRow } from '@/api/types'

/** A ticket as the API returns it; a test sets only what it is about. */
export function aTicket(parts: Partial<Ticket> = {}): Ticket {
  return {
    number: 'CHG-20261120-0012',
    title: '服务重启',
    template: { key: 'service-restart', version: 1, name: { zh: '服务重启' } },
    state: 'approving',
    applicant: 'alice',
    department: null,
    form: {},
    form_fields: [],
    locked: [],
    chosen: {},
    content_version: 1,
    digest: 'd1',
    plans: [],
    priority: 'normal',
    created_at: '2026-11-20T14:02:00+08:00',
    submitted_at: '2026-11-20T14:02:00+08:00',
    finished_at: null,
    version: 4,
    nodes: [],
    upcoming: [],
    tasks: [],
    jobs: [],
    children: [],
    parent: null,
    attachments: [],
    rating: null,
    allowed_actions: [],
    people: { alice: { name: '林悦' }, bob: { name: '周博' } },
    ...parts,
  }
}

export function aTask(parts: Partial<Task> = {}): Task {
  return {
    id: 7,
    node: 'leader',
    round: 1,
    assignee: 'bob',
    reason: 'alice 的直属上级',
    state: 'pending',
    decided_by: null,
    on_behalf_of: null,
    channel: null,
    comment: '',
    created_at: '2026-11-20T14:02:00+08:00',
    due_at: null,
    decided_at: null,
    digest: 'd1',
    added_to: null,
    position: '',
    return_to: [],
    editable: [],
    removable: [],
    acting_for: null,
    signed: false,
    allowed_actions: ['approve', 'return', 'veto'],
    ...parts,
  }
}

export function aMyTask(parts: Partial<MyTask> = {}): MyTask {
  return {
    id: 7,
    node: 'leader',
    node_name: '直属上级',
    type: 'approval',
    digest: 'd1',
    due_at: null,
    acting_for: null,
    acting_for_name: null,
    signed: false,
    plans: [],
    one_by_one: false,
    ...parts,
  }
}

/** A plan that restarts nginx, as in a row of a list. */
export const aPlanLine = {
  name: { zh: '服务重启', en: 'Restart a service' },
  action: 'service.restart',
  risk: 'low',
  command: ['重启 nginx'],
  hosts: ['demo-01'],
  subticket: null,
  digest: 'p1',
  dry_run: null,
}

/** The same plan as on the ticket's page. */
export const aPlan: Plan = {
  ...aPlanLine,
  node: 'run',
  version: 'abc',
  executor: 'ansible',
  params: { service: 'nginx' },
  targets: [{ name: 'demo-01', address: '', connection: 'local' }],
  not_before: null,
  summary: '',
  labels: {},
  dry_run: null,
  back: null,
  checks: [],
}

export function aRow(parts: Partial<TicketRow> = {}): TicketRow {
  const { number, title, template, priority, created_at, submitted_at, version } = aTicket()
  return {
    number,
    title,
    template,
    state: 'approving',
    applicant: 'alice',
    applicant_name: '林悦',
    department: null,
    priority,
    version,
    created_at,
    submitted_at,
    finished_at: null,
    waiting_for: [],
    my_tasks: [],
    ...parts,
  }
}
