import type { People, Task, TicketEvent } from '@/api/types'
import { i18n } from '@/i18n'

import { nameOf } from './chain'
import { sizeWords } from './files'
import type { FieldChange } from './formDiff'
import { text, type Text } from './text'

type Named = string | { username: string }
type Child = { number: string; title: string | null }

function names(list: unknown, people: People): string {
  if (!Array.isArray(list)) return ''
  return (list as Named[])
    .map((one) => nameOf(people, typeof one === 'string' ? one : one.username))
    .join(', ')
}

/** The key of a word under `group`, or nothing where the event does not say. */
function word(group: string, value: unknown): string {
  const key = `${group}.${String(value)}`
  const { t, te } = i18n.global
  return value && te(key) ? t(key) : String(value ?? '')
}

/** The values a sentence about an event may name; missing ones are empty. */
export function eventWords(event: TicketEvent, people: People): Record<string, string> {
  const { data } = event
  const children = Array.isArray(data.children) ? (data.children as Child[]) : []
  return {
    node: text((data.name ?? data.node) as Text),
    people: names(data.users ?? data.assignees, people),
    assignees: names(data.assignees, people),
    from: names(data.from, people),
    score: String(data.score ?? ''),
    case: text(data.case as Text) || text((data.when ?? data.name) as Text),
    position: word('event.position', data.position),
    action: word('event.action', actionOf(data.action)),
    to: data.to === 'applicant' ? '' : String(data.to ?? ''),
    child: String(data.child ?? ''),
    state: word('ticketState', data.state),
    children: children.map(({ number, title }) => title ?? number).join(', '),
    n: String(children.length),
    url: String(data.url ?? ''),
    file: typeof data.name === 'string' ? data.name : '',
    size: typeof data.size === 'number' ? sizeWords(data.size) : '',
  }
}

/** `{transfer: …}` is told as a transfer, whoever it goes to. */
const actionOf = (action: unknown): unknown =>
  typeof action === 'object' && action !== null ? 'transfer' : action

/** The sentence of an event, where one kind has several. */
export function eventKey(event: TicketEvent): string {
  const { kind, data } = event
  if (kind === 'task.returned' && data.to && data.to !== 'applicant') return 'task.returnedTo'
  if (kind === 'ticket.resubmitted' && (data.nodes as unknown[] | undefined)?.length)
    return 'ticket.resubmittedBack'
  if (kind === 'task.passed' && Array.isArray(data.assignees)) return 'task.passedSeats'
  if (kind === 'task.reassigned' && !(data.from as unknown[] | undefined)?.length)
    return 'task.seated'
  if (kind === 'ticket.reminded' && !event.actor) return 'ticket.remindedByTimer'
  if (kind === 'ticket.stuck' && data.round === undefined) return 'ticket.abandoned'
  return kind
}

/** What an edit changed; nothing for other events. */
export function eventDiff(event: TicketEvent): FieldChange[] {
  return Array.isArray(event.data.diff) ? (event.data.diff as FieldChange[]) : []
}

/** Whether an edit made decisions void. */
export const hasVoided = (event: TicketEvent): boolean =>
  event.kind === 'ticket.edited' &&
  (Array.isArray(event.data.voided) ? event.data.voided.length > 0 : Boolean(event.data.voided))

/** The nodes whose people a change asks again, by key. */
export const askedAgain = (event: TicketEvent): string[] =>
  Array.isArray(event.data.again) ? (event.data.again as string[]) : []

/** Who made or changed the proxy that somebody acted through, where it was not only its principal. */
export function proxyMakers(event: TicketEvent): string[] {
  const proxy = event.data.proxy as { made_by?: string[] } | undefined
  const makers = proxy?.made_by ?? []
  return makers.every((username) => username === event.on_behalf_of) ? [] : makers
}

/** Why visits were passed without asking anybody, by `node/round`. */
export function passReasons(events: TicketEvent[]): Map<string, string> {
  const reasons = new Map<string, string>()
  for (const { kind, data } of events) {
    if (kind !== 'task.passed') continue
    const why = text(data.reason as Text)
    if (why) reasons.set(`${String(data.node)}/${String(data.round)}`, why)
  }
  return reasons
}

/** What a person wrote with it, or why the system did it. */
export function eventComment(event: TicketEvent): string {
  if (event.kind === 'ticket.edited') return '' // said with the decision that follows
  for (const said of [event.data.comment, event.data.text]) {
    if (typeof said === 'string' && said) return said
  }
  const why = event.data.problem ?? event.data.reason
  return typeof why === 'string' ? word('outcome', why) : text(why as Text)
}

/** Whose proxy has signed at this task's step for somebody else, so that its assignee must sign himself. */
export function leftBy(events: TicketEvent[], task: Task): string | undefined {
  const said = events.findLast(
    ({ kind, data }) =>
      kind === 'task.left' &&
      data.node === task.node &&
      data.round === task.round &&
      (data.users as string[]).includes(task.assignee),
  )
  return task.acting_for ? undefined : (said?.actor ?? undefined)
}

const HURT = /\.(returned|vetoed|failed|dead|stuck|timed_out)$/
const GOOD = /\.(approved|confirmed|completed)$/

export function eventTone(event: TicketEvent): 'bad' | 'good' | 'machine' | 'plain' {
  if (HURT.test(event.kind) || event.data.state === 'failed') return 'bad'
  if (GOOD.test(event.kind)) return 'good'
  return /^(job|webhook|subticket)\./.test(event.kind) ? 'machine' : 'plain'
}

/** What another line of the trail already tells a reader: steps of the machinery, echoes of a decision. */
const UNDERTONES = new Set([
  'ticket.created',
  'ticket.returned',
  'ticket.vetoed',
  'node.opened',
  'node.closed',
])

export const isUndertone = (event: TicketEvent): boolean => UNDERTONES.has(event.kind)
