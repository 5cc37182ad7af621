import type { People, TicketEvent } from '@/api/types'

import { nameOf } from './chain'
import { text, type Text } from './text'

interface Assignee {
  username: string
}

/** The values a sentence about an event may name; missing ones are empty. */
export function eventWords(event: TicketEvent, people: People): Record<string, string> {
  const { data } = event
  const assignees = Array.isArray(data.assignees) ? (data.assignees as (Assignee | string)[]) : []
  const names = assignees.map((one) => nameOf(people, typeof one === 'string' ? one : one.username))
  return {
    node: text((data.node_name ?? data.node) as Text),
    people: names.join(', '),
    to: nameOf(people, (data.to_user ?? data.to ?? data.username) as string),
    score: String(data.score ?? ''),
    outcome: String(data.outcome ?? data.state ?? ''),
    name: text((data.case_name ?? data.case ?? data.name) as Text),
  }
}

/** What a person wrote with it. */
export function eventComment(event: TicketEvent): string {
  const said = event.data.comment ?? event.data.text
  return typeof said === 'string' ? said : ''
}

const HURT = /\.(returned|vetoed|failed|dead)$/
const GOOD = /\.(approved|confirmed|completed)$/

export function eventTone(event: TicketEvent): 'bad' | 'good' | 'machine' | 'plain' {
  if (HURT.test(event.kind) || event.data.outcome === 'failed') return 'bad'
  if (GOOD.test(event.kind)) return 'good'
  return event.kind.startsWith('job.') ? 'machine' : 'plain'
}
