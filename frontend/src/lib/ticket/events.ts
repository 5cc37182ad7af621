import type { EventKind, EventOf, People, Task, TicketEvent } from '@/api/types'
import { i18n } from '@/i18n'
import { nameOf } from '@/lib/chain/steps'
import type { FieldChange } from '@/lib/form/changes'
import { sizeWords } from '@/lib/form/files'
import { text } from '@/lib/format/text'

type Named = string | { username: string }

/** Whether it is of this kind; then its data have the shape of that kind. */
export const isOf = <K extends EventKind>(event: TicketEvent, kind: K): event is EventOf<K> =>
  event.kind === kind

function names(list: readonly Named[] | undefined, people: People): string {
  return (list ?? [])
    .map((one) => nameOf(people, typeof one === 'string' ? one : one.username))
    .join(', ')
}

/** The key of a text under `group`; nothing if the event has no such value. */
function word(group: string, value: unknown): string {
  const key = `${group}.${String(value)}`
  const { t, te } = i18n.global
  return value && te(key) ? t(key) : String(value ?? '')
}

/** The values for the sentence of an event; missing ones are empty. */
export function eventWords(event: TicketEvent, people: People): Record<string, string> {
  const { data } = event
  const children = data.children ?? []
  return {
    node: text(data.name ?? data.node),
    people: names(data.users ?? data.assignees, people),
    assignees: names(data.assignees, people),
    from: names(data.from, people),
    score: String(data.score ?? ''),
    case: text(data.case) || text(data.when ?? data.name),
    position: word('event.position', data.position),
    action: word('event.action', actionOf(data.action)),
    to: data.to === 'applicant' ? '' : (data.to ?? ''),
    child: data.child ?? '',
    state: word('ticketState', data.state),
    children: children.map(({ number, title }) => title ?? number).join(', '),
    n: String(children.length),
    url: data.url ?? '',
    foreseen: text(data.words),
    drift: String(data.drift ?? ''),
    limit: String(data.limit ?? ''),
    file: typeof data.name === 'string' ? data.name : '',
    results: results(data.hosts),
    size: data.size === undefined ? '' : sizeWords(data.size),
  }
}

/** The result of each host, if the event has them. */
function results(hosts: TicketEvent['data']['hosts']): string {
  if (!hosts || Array.isArray(hosts)) return ''
  return Object.entries(hosts)
    .map(([name, status]) => `${name} ${word('host', status)}`)
    .join(', ')
}

/** `{transfer: …}` is shown as a transfer, whoever the target is. */
const actionOf = (action: TicketEvent['data']['action']): string | undefined =>
  typeof action === 'object' ? 'transfer' : action

/** The sentence of an event, if its kind has several. */
export function eventKey(event: TicketEvent): string {
  const { kind, data } = event
  if (kind === 'task.returned' && data.to && data.to !== 'applicant') return 'task.returnedTo'
  if (kind === 'ticket.created' && data.by_rule) return 'ticket.createdByRule'
  if (kind === 'ticket.resubmitted' && data.nodes?.length) return 'ticket.resubmittedBack'
  if (kind === 'task.passed' && data.assignees) return 'task.passedSeats'
  if (kind === 'task.reassigned' && !data.from?.length) return 'task.seated'
  if (kind === 'ticket.reminded' && !event.actor) return 'ticket.remindedByTimer'
  if (kind === 'plan.foreseen' && data.drift !== undefined) return 'plan.drifted'
  if (kind === 'plan.foreseen' && data.state === 'failed') return 'plan.unforeseen'
  if (kind === 'ticket.stuck' && data.round === undefined) return 'ticket.abandoned'
  return kind
}

/** The changes of an edit; nothing for other events. */
export const eventDiff = (event: TicketEvent): FieldChange[] => event.data.diff ?? []

/** Whether an edit voided decisions. */
export const hasVoided = (event: TicketEvent): boolean =>
  event.kind === 'ticket.edited' &&
  (Array.isArray(event.data.voided) ? event.data.voided.length > 0 : Boolean(event.data.voided))

/** The nodes whose people are asked again after a change, by key. */
export const askedAgain = (event: TicketEvent): string[] => event.data.again ?? []

/** Who made or changed the proxy that was used, if it was not only its principal. */
export function proxyMakers(event: TicketEvent): string[] {
  const makers = event.data.proxy?.made_by ?? []
  return makers.every((username) => username === event.on_behalf_of) ? [] : makers
}

/** Why visits were passed without asking, by `node/round`. */
export function passReasons(events: TicketEvent[]): Map<string, string> {
  const reasons = new Map<string, string>()
  for (const event of events) {
    if (!isOf(event, 'task.passed')) continue
    const { node, round, reason } = event.data
    const why = text(reason)
    if (why) reasons.set(`${node}/${round}`, why)
  }
  return reasons
}

/** The comment of a person, or the reason of the system. */
export function eventComment(event: TicketEvent): string {
  if (event.kind === 'ticket.edited') return '' // shown with the decision that follows
  const said = event.data.comment || event.data.text
  if (said) return said
  const why = event.data.problem ?? event.data.reason
  return typeof why === 'string' ? word('outcome', why) : text(why)
}

/** Whose proxy has signed at this task's step for somebody else, so that the assignee must sign in person. */
export function leftBy(events: TicketEvent[], task: Task): string | undefined {
  const said = events.findLast(
    (event) =>
      isOf(event, 'task.left') &&
      event.data.node === task.node &&
      event.data.round === task.round &&
      event.data.users.includes(task.assignee),
  )
  return task.acting_for ? undefined : (said?.actor ?? undefined)
}

const HURT = /\.(returned|vetoed|failed|dead|stuck|timed_out)$/
const GOOD = /\.(approved|confirmed|completed)$/

export function eventTone(event: TicketEvent): 'bad' | 'good' | 'machine' | 'plain' {
  const { state, drift } = event.data
  if (HURT.test(event.kind) || state === 'failed' || drift !== undefined) return 'bad'
  if (GOOD.test(event.kind)) return 'good'
  return /^(job|plan|webhook|subticket)\./.test(event.kind) ? 'machine' : 'plain'
}

/** Events that another line of the trail already shows: internal steps, and consequences of a decision. */
const UNDERTONES = new Set([
  'ticket.created',
  'ticket.returned',
  'ticket.vetoed',
  'node.opened',
  'node.closed',
])

export const isUndertone = (event: TicketEvent): boolean =>
  UNDERTONES.has(event.kind) && !event.data.by_rule
