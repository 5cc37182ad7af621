import type { People, TicketEvent } from '@/api/types'

import { nameOf } from './chain'
import { text, type Text } from './text'

type Named = string | { username: string }

function names(list: unknown, people: People): string {
  if (!Array.isArray(list)) return ''
  return (list as Named[])
    .map((one) => nameOf(people, typeof one === 'string' ? one : one.username))
    .join(', ')
}

/** The values a sentence about an event may name; missing ones are empty. */
export function eventWords(event: TicketEvent, people: People): Record<string, string> {
  const { data } = event
  return {
    node: text((data.name ?? data.node) as Text),
    people: names(data.assignees ?? data.users, people),
    score: String(data.score ?? ''),
    case: text(data.case as Text) || text((data.when ?? data.name) as Text),
  }
}

/** What a person wrote with it, or why the system did it. */
export function eventComment(event: TicketEvent): string {
  for (const said of [event.data.comment, event.data.text]) {
    if (typeof said === 'string' && said) return said
  }
  return text(event.data.reason as Text)
}

const HURT = /\.(returned|vetoed|failed|dead)$/
const GOOD = /\.(approved|confirmed|completed)$/

export function eventTone(event: TicketEvent): 'bad' | 'good' | 'machine' | 'plain' {
  if (HURT.test(event.kind) || event.data.state === 'failed') return 'bad'
  if (GOOD.test(event.kind)) return 'good'
  return event.kind.startsWith('job.') ? 'machine' : 'plain'
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
